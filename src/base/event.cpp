// Renders events as text for people and as JSON for programs.
#include "base/event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace ashore::base {

namespace {

using Json = nlohmann::ordered_json;

// One visitor from several lambdas; the catch-all comes last.
template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

struct NameOf {
  std::string_view operator()(const RunStarted&) const { return "RunStarted"; }
  std::string_view operator()(const StageStarted&) const { return "StageStarted"; }
  std::string_view operator()(const StageEnded&) const { return "StageEnded"; }
  std::string_view operator()(const PageLanded&) const { return "PageLanded"; }
  std::string_view operator()(const RequestRetried&) const { return "RequestRetried"; }
  std::string_view operator()(const ReadingRestarted&) const { return "ReadingRestarted"; }
  std::string_view operator()(const RowsDecoded&) const { return "RowsDecoded"; }
  std::string_view operator()(const RowsRejected&) const { return "RowsRejected"; }
  std::string_view operator()(const CheckFailed&) const { return "CheckFailed"; }
  std::string_view operator()(const TablePublished&) const { return "TablePublished"; }
  std::string_view operator()(const TableUnchanged&) const { return "TableUnchanged"; }
  std::string_view operator()(const DestinationLoaded&) const { return "DestinationLoaded"; }
  std::string_view operator()(const Noted&) const { return "Noted"; }
  std::string_view operator()(const Warned&) const { return "Warned"; }
  std::string_view operator()(const Failed&) const { return "Failed"; }
  std::string_view operator()(const RunEnded&) const { return "RunEnded"; }
};

// For people: one line each; the label of the level is added by whoever writes it.
struct TextOf {
  std::string operator()(const RunStarted& event) const {
    return fmt::format("run {} of {}: {} from {}", event.run_id, event.pipeline, event.window,
                       event.source_url);
  }
  std::string operator()(const StageStarted& event) const { return event.stage; }
  std::string operator()(const StageEnded& event) const {
    return fmt::format("{:<9} {:>7.3f} s  {}", event.stage, event.seconds, event.summary);
  }
  std::string operator()(const PageLanded& event) const {
    const auto total = event.pages_total ? fmt::format(" of {}", *event.pages_total) : "";
    return fmt::format("page {}{} landed, {}, {} bytes", event.page, total,
                       plural(event.items, "item"), event.bytes);
  }
  std::string operator()(const RequestRetried& event) const {
    return fmt::format("attempt {} failed, trying again in {} ms: {}: {}", event.attempt,
                       event.wait.count(), event.url, event.why);
  }
  std::string operator()(const ReadingRestarted& event) const {
    const auto wait = event.wait.count() > 0
                          ? fmt::format(" in {} s, when no cache holds what was read",
                                        std::chrono::ceil<std::chrono::seconds>(event.wait).count())
                          : "";
    return fmt::format("reading {} of the source begins{}: {}", event.reading, wait, event.why);
  }
  std::string operator()(const RowsDecoded& event) const {
    const auto total = event.rows_total ? fmt::format(" of {}", *event.rows_total) : "";
    return fmt::format("{}: {}{} rows", event.table, event.rows, total);
  }
  std::string operator()(const RowsRejected& event) const {
    return fmt::format("table '{}': {} rejected by rule {}, for example {}", event.table,
                       plural(event.rows, "row"), event.rule, event.example);
  }
  std::string operator()(const CheckFailed& event) const {
    return fmt::format("table '{}': check {} failed: found {}, expected {}", event.table,
                       event.check, event.observed, event.expected);
  }
  std::string operator()(const TablePublished& event) const {
    return fmt::format("table '{}' published: version {}, {}, {} added, {} removed", event.table,
                       event.version, plural(event.rows, "row"), plural(event.files_added, "file"),
                       event.files_removed);
  }
  std::string operator()(const TableUnchanged& event) const {
    return fmt::format("table '{}' unchanged at version {}", event.table, event.version);
  }
  std::string operator()(const DestinationLoaded& event) const {
    return fmt::format("{}: table '{}' at version {}: {} inserted, {} updated, {} deleted",
                       event.destination, event.table, event.version, event.inserted, event.updated,
                       event.deleted);
  }
  std::string operator()(const Noted& event) const { return event.what; }
  std::string operator()(const Warned& event) const { return event.what; }
  std::string operator()(const Failed& event) const { return event.message; }
  std::string operator()(const RunEnded& event) const {
    return fmt::format("{} in {:.3f} s (exit code {})", event.status, event.seconds,
                       event.exit_code);
  }
};

// For programs: keys as docs/formats/events.md lists them; a key is added, never renamed.
struct JsonOf {
  Json operator()(const RunStarted& event) const {
    return {{"run_id", event.run_id},
            {"pipeline", event.pipeline},
            {"window", event.window},
            {"source_url", event.source_url}};
  }
  Json operator()(const StageStarted& event) const { return {{"stage", event.stage}}; }
  Json operator()(const StageEnded& event) const {
    return {{"stage", event.stage}, {"seconds", event.seconds}, {"summary", event.summary}};
  }
  Json operator()(const PageLanded& event) const {
    Json json = {{"page", event.page}};
    if (event.pages_total) json["pages_total"] = *event.pages_total;
    json["bytes"] = event.bytes;
    json["items"] = event.items;
    return json;
  }
  Json operator()(const RequestRetried& event) const {
    return {{"url", event.url},
            {"attempt", event.attempt},
            {"why", event.why},
            {"wait_ms", event.wait.count()}};
  }
  Json operator()(const ReadingRestarted& event) const {
    return {{"reading", event.reading}, {"why", event.why}, {"wait_ms", event.wait.count()}};
  }
  Json operator()(const RowsDecoded& event) const {
    Json json = {{"table", event.table}, {"rows", event.rows}};
    if (event.rows_total) json["rows_total"] = *event.rows_total;
    return json;
  }
  Json operator()(const RowsRejected& event) const {
    return {{"table", event.table},
            {"rule", event.rule},
            {"rows", event.rows},
            {"example", event.example}};
  }
  Json operator()(const CheckFailed& event) const {
    return {{"table", event.table},
            {"check", event.check},
            {"is_warning", event.is_warning},
            {"observed", event.observed},
            {"expected", event.expected}};
  }
  Json operator()(const TablePublished& event) const {
    return {{"table", event.table},
            {"version", event.version},
            {"rows", event.rows},
            {"files_added", event.files_added},
            {"files_removed", event.files_removed}};
  }
  Json operator()(const TableUnchanged& event) const {
    return {{"table", event.table}, {"version", event.version}};
  }
  Json operator()(const DestinationLoaded& event) const {
    return {{"destination", event.destination}, {"table", event.table},
            {"version", event.version},         {"inserted", event.inserted},
            {"updated", event.updated},         {"deleted", event.deleted}};
  }
  Json operator()(const Noted& event) const { return {{"what", event.what}}; }
  Json operator()(const Warned& event) const { return {{"what", event.what}}; }
  Json operator()(const Failed& event) const {
    return {{"message", event.message}, {"exit_code", event.exit_code}};
  }
  Json operator()(const RunEnded& event) const {
    return {{"status", event.status}, {"exit_code", event.exit_code}, {"seconds", event.seconds}};
  }
};

}  // namespace

std::string_view event_name(const Event& event) { return std::visit(NameOf(), event); }

Level event_level(const Event& event) {
  return std::visit(
      Overloaded{
          [](const StageStarted&) { return Level::kDebug; },
          [](const PageLanded&) { return Level::kDebug; },
          [](const RowsDecoded&) { return Level::kDebug; },
          [](const RequestRetried&) { return Level::kWarn; },
          [](const ReadingRestarted&) { return Level::kWarn; },
          [](const RowsRejected&) { return Level::kWarn; },
          [](const Warned&) { return Level::kWarn; },
          [](const CheckFailed& check) { return check.is_warning ? Level::kWarn : Level::kError; },
          [](const Failed&) { return Level::kError; },
          [](const auto&) { return Level::kInfo; },
      },
      event);
}

std::string event_text(const Event& event) { return std::visit(TextOf(), event); }

std::string event_json(const Event& event, const std::vector<EventField>& first) {
  Json json = Json::object();
  for (const auto& [name, text] : first) json[std::string(name)] = text;
  json["event"] = event_name(event);
  json.update(std::visit(JsonOf(), event));
  // Texts of servers may hold any bytes: what is not UTF-8 is replaced, as dump would throw.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ashore::base
