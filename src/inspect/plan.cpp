// Writes the plan: the request as it would be sent, the tables as they would be, the DDL.
#include "inspect/plan.h"

#include <fmt/format.h>

#include <set>

#include <iterator>

#include "config/template.h"
#include "delta/snapshot.h"
#include "load/load.h"
#include "run/run.h"
#include "state/run_folder.h"
#include "warehouse/connection.h"

namespace ashore::inspect {

namespace {

using base::Result;

std::string_view style_text(config::PageStyle style) {
  switch (style) {
    case config::PageStyle::kNumber:
      return "by page number";
    case config::PageStyle::kOffset:
      return "by offset";
    case config::PageStyle::kCursor:
      return "by a cursor in each body";
    case config::PageStyle::kNext:
      return "by the next link in each body";
    case config::PageStyle::kLink:
      return "by the Link header";
    case config::PageStyle::kNone:
      break;
  }
  return "";
}

// How rows are asked for that the pages lack; its ids are known only then.
Result<std::string> lookup_text(const config::Pipeline& pipeline, const std::string& base_url) {
  const auto& lookup = pipeline.extract.lookup;
  if (!lookup) return std::string();
  config::RunValues values;
  values.page = pipeline.extract.pages.first;
  values.offset = 0;
  values.limit = lookup->keys_max;
  // Which ids are asked for is known only after the pages; this shows the form.
  values.keys = {"ID"};
  TRY(const auto request,
      config::render_request(lookup->request, base_url, values, pipeline.environment));
  std::string text = fmt::format(
      "lookup, where published rows of the window are not in the answer: {} ids a request at most\n"
      "  {} {}\n",
      lookup->keys_max, request.method, request.shown_url);
  if (request.shown_body) text += fmt::format("  {}\n", *request.shown_body);
  return text;
}

Result<std::string> request_text(const config::Pipeline& pipeline, const run::Options& options) {
  TRY(const auto window, run::effective_window(pipeline, options));
  config::RunValues values;
  if (pipeline.extract.window) values = config::window_values(window, *pipeline.extract.window);
  const auto& pages = pipeline.extract.pages;
  values.page = pages.first;
  values.offset = 0;
  values.limit = pages.size;
  const auto base_url = options.source_url.value_or(pipeline.source_url);
  TRY(const auto request,
      config::render_request(pipeline.extract.request, base_url, values, pipeline.environment));
  std::string text = fmt::format("requests\n  {} {}\n", request.method, request.shown_url);
  if (request.shown_body) text += fmt::format("  {}\n", *request.shown_body);
  text += pages.style == config::PageStyle::kNone
              ? std::string("  one page only\n")
              : fmt::format("  pages {}, {} items each, {} at once\n", style_text(pages.style),
                            pages.size, pages.parallel);
  TRY(const auto lookup, lookup_text(pipeline, base_url));
  return text + lookup;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::size_t count_partitions(const delta::Snapshot& snapshot) {
  std::set<std::string> folders;
  // Each partition is one folder, whatever encodes its value.
  for (const auto& file : snapshot.files) folders.insert(file.path.substr(0, file.path.rfind('/')));
  return snapshot.partition_columns.empty() ? 1 : folders.size();
}

Result<std::string> table_text(const config::Table& table, io::Env& env) {
  TRY(const auto snapshot, delta::read_snapshot(env.store, state::table_folder(table.name)));
  std::string text = fmt::format("  {} ({} columns, key {})\n", table.name, table.columns.size(),
                                 joined(table.key));
  text += table.partition_by ? fmt::format("    one partition per {}\n", *table.partition_by)
                             : std::string("    not partitioned\n");
  text += snapshot ? fmt::format("    published: version {}, {} rows in {} files, {} partitions\n",
                                 snapshot->version, snapshot->rows, snapshot->files.size(),
                                 count_partitions(*snapshot))
                   : fmt::format("    not published yet: {} would be made\n",
                                 env.store.location_of(state::table_folder(table.name)));
  return text;
}

std::string destination_text(const config::Pipeline& pipeline,
                             const config::DestinationSpec& destination) {
  const auto dialect = destination.kind == config::DestinationKind::kPostgreSql
                           ? warehouse::Dialect::kPostgreSql
                           : warehouse::Dialect::kDuckDb;
  std::string text =
      fmt::format("  {}\n    where a table is missing:\n", load::destination_name(destination));
  for (const auto& table : pipeline.tables) {
    text += fmt::format("    {}\n", load::table_definition(table, dialect));
  }
  return text;
}

}  // namespace

Result<std::string> plan(const config::Pipeline& pipeline, const run::Options& options,
                         io::Env& env) {
  TRY(auto text, request_text(pipeline, options));
  text += "tables\n";
  for (const auto& table : pipeline.tables) {
    TRY(const auto lines, table_text(table, env));
    text += lines;
  }
  text += "destinations\n";
  for (const auto& destination : options.load.destinations) {
    text += destination_text(pipeline, destination);
  }
  return text;
}

}  // namespace ashore::inspect
