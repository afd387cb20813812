// Writes to stdout, here and nowhere else.
#include "cli/output.h"

#include <cstdio>
#include <filesystem>

#include "io/disk_store.h"
#include "report/emf.h"
#include "report/metrics.h"

namespace ashore::cli {

void print(const std::string& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
  (void)std::fflush(stdout);
}

namespace {

base::Status write_metrics(const std::filesystem::path& path, const report::RunReport& report) {
  const auto name = path.filename();
  if (name.empty() || name == "." || name == "..") {
    return base::permanent("not the name of a file: '" + path.string() + "'");
  }
  const auto folder = path.has_parent_path() ? path.parent_path().string() : std::string(".");
  TRY(const auto store, io::DiskStore::open(folder));
  return report::write_metrics(*store, name.string(), report);
}

}  // namespace

void leave_metrics(const std::string& path, const report::RunReport& report,
                   base::EventSink& events) {
  if (path.empty()) return;
  const auto written = write_metrics(path, report);
  if (written.ok()) return;
  events.emit(base::Warned{"--metrics-file: " + written.error().message()});
}

bool print_emf(LogFormat format, const report::RunReport& report) {
  if (format != LogFormat::kEmf) return false;
  print(report::emf_lines(report));
  return true;
}

int exit_code_of(const report::RunReport& report, const Signals& signals) {
  if (report.exit_code == 130 && signals.received() != 0) return 128 + signals.received();
  return report.exit_code;
}

}  // namespace ashore::cli
