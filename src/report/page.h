// The page of one run, report.html: one file that needs no network, made from the run's files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::report {

// What the run's own files do not say.
struct PageInputs {
  std::string run_id;
  // Linked to beside the run's own files: paths in the store, raw pages or tables.
  std::vector<std::string> folders = {};
  // A JSON array of {name, heading, columns, rows}; "" where the questions were not asked.
  std::string answers_json = {};
};

// Limits of a page; what is past them is left to the files, and the page says so.
inline constexpr std::size_t kHistoryRunsMax = 40;
inline constexpr std::size_t kRejectedRowsMax = 20;  // a table
inline constexpr std::size_t kFilesMax = 500;

// Pure. The page around a JSON text: no text of it can end the script element that it lies in, nor
// begin markup. `title` is escaped.
std::string page_html(const std::string& title, const std::string& data_json);

// Makes the page of a run from its report.json, events.jsonl, quarantine and the reports of other
// runs and writes runs/<run id>/report.html, not durable. What cannot be read but for report.json
// is left out. kNotFound: there is no report.json. Other errors as ObjectStore::read and write.
base::Status write_page(io::ObjectStore& store, const PageInputs& inputs);

// Pure. runs/<run id>/report.html.
std::string page_path(const std::string& run_id);

}  // namespace ashore::report
