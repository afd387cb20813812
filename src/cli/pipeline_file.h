// Finds and reads the files a user names: the pipeline and its questions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "config/pipeline.h"
#include "config/reader.h"
#include "inspect/answers.h"

namespace ashore::cli {

// Reads the pipeline file with all that is wrong with it. kPermanent: it cannot be read at all.
base::Result<config::Reading> read_pipeline_file(const Arguments& arguments,
                                                 config::UnsetVariables unset);

// The pipeline named on the command line. kPermanent: no such file, or complaints, one per line.
base::Result<config::Pipeline> load_pipeline(const Arguments& arguments);

// Where to load: those of --to, else the pipeline's; DATABASE_URL fills a PostgreSQL destination
// that has no url. kPermanent: a --to that is neither duckdb:PATH nor postgresql://.
base::Result<std::vector<config::DestinationSpec>> destinations_of(
    const Arguments& arguments, const config::Pipeline& pipeline);

// The pipeline's questions: each path is tried from the current folder, then from the pipeline
// file's, then from the folder above it. kPermanent: one cannot be found.
base::Result<std::vector<inspect::Question>> load_questions(const config::Pipeline& pipeline);

}  // namespace ashore::cli
