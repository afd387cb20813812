// Finds and reads the files a user names: the pipeline and its questions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "pipeline/answers.h"
#include "spec/pipeline.h"

namespace ashore::cli {

// The pipeline named on the command line. kPermanent: no such file, or complaints, one a line.
base::Result<spec::Pipeline> load_pipeline(const Arguments& arguments);

// Where to load: those of --to, else the pipeline's; DATABASE_URL fills a PostgreSQL destination
// that has no url. kPermanent: a --to that is neither duckdb:PATH nor postgresql://.
base::Result<std::vector<spec::DestinationSpec>> destinations_of(const Arguments& arguments,
                                                                 const spec::Pipeline& pipeline);

// The pipeline's questions: each path is tried from the current folder, then from the pipeline
// file's, then from the folder above it. kPermanent: one cannot be found.
base::Result<std::vector<pipeline::Question>> load_questions(const spec::Pipeline& pipeline);

}  // namespace ashore::cli
