// Writes and reads manifests; the text has the contract's key order and is the same on any machine.
#include "state/manifest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cassert>
#include <string_view>

#include "base/digest.h"
#include "io/mapped_bytes.h"
#include "state/json_integer.h"
#include "state/json_window.h"

namespace ashore::state {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "ashore.manifest/1";
constexpr std::string_view kRemedy =
    "The file is damaged or of another release: run that stage again";

// Repeated headers are joined as RFC 9110 (5.3) allows.
Json headers_json(const std::vector<std::pair<std::string, std::string>>& headers) {
  Json json = Json::object();
  for (const auto& [name, value] : headers) {
    const auto found = json.find(name);
    if (found == json.end()) {
      json[name] = value;
    } else {
      *found = found->get<std::string>() + ", " + value;
    }
  }
  return json;
}

Json origin_json(const PageOrigin& origin) {
  Json json = {{"request", {{"method", origin.method}, {"url", origin.url}}}};
  json["request"]["body"] = origin.body ? Json(*origin.body) : Json(nullptr);
  json["status"] = origin.status;
  json["headers"] = headers_json(origin.headers);
  json["started_at"] = base::format_timestamp(origin.started_at);
  json["seconds"] = origin.seconds;
  return json;
}

Json schema_json(const NamedSchema& named) {
  Json columns = Json::array();
  for (const auto& field : named.schema.fields) {
    columns.push_back({{"name", field.name},
                       {"type", base::type_name(field.type)},
                       {"nullable", field.is_nullable}});
  }
  return {{"table", named.table}, {"columns", std::move(columns)}};
}

// Whether a path stays below the data folder.
bool is_inside(std::string_view path) {
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Result<PageOrigin> read_origin(const Json& json) {
  PageOrigin origin;
  const auto& request = json.at("request");
  request.at("method").get_to(origin.method);
  request.at("url").get_to(origin.url);
  if (const auto& body = request.at("body"); !body.is_null()) origin.body = body;
  origin.status = integer_of<int>(json.at("status"));
  for (const auto& [name, value] : json.at("headers").items()) {
    origin.headers.emplace_back(name, value.get<std::string>());
  }
  TRY(origin.started_at,
      base::parse_timestamp(json.at("started_at").get<std::string>(), base::ZoneRule::kRequired));
  json.at("seconds").get_to(origin.seconds);
  return origin;
}

Result<ManifestFile> read_file(const Json& json, Origins origins) {
  ManifestFile file;
  json.at("path").get_to(file.path);
  if (!is_inside(file.path)) {
    return base::permanent("path leaves the data folder: '" + file.path + "'");
  }
  file.rows = integer_of(json.at("rows"));
  file.bytes = integer_of(json.at("bytes"));
  json.at("sha256").get_to(file.sha256);
  if (const auto& schema = json.at("schema"); !schema.is_null()) {
    file.schema = integer_of(schema);
  }
  if (json.contains("request")) {
    TRY(auto origin, read_origin(json));
    if (origins == Origins::kKept) {
      file.origin = std::make_shared<const PageOrigin>(std::move(origin));
    }
  }
  if (json.contains("keys")) json.at("keys").get_to(file.keys);
  return file;
}

Result<NamedSchema> read_schema(const Json& json) {
  NamedSchema named;
  json.at("table").get_to(named.table);
  for (const auto& column : json.at("columns")) {
    TRY(const auto type, base::parse_type(column.at("type").get<std::string>()));
    named.schema.fields.push_back({.name = column.at("name"),
                                   .type = type,
                                   .is_nullable = column.at("nullable").get<bool>()});
  }
  return named;
}

Result<Manifest> read_fields(const Json& json) {
  if (const auto format = json.at("format").get<std::string>(); format != kFormat) {
    return base::permanent("unknown format: '" + format + "'");
  }
  Manifest manifest;
  json.at("stage").get_to(manifest.stage);
  json.at("run_id").get_to(manifest.run_id);
  json.at("pipeline").at("name").get_to(manifest.pipeline_name);
  json.at("pipeline").at("sha256").get_to(manifest.pipeline_sha256);
  json.at("version").get_to(manifest.version);
  TRY(manifest.window, read_window(json.at("window")));
  manifest.started_us = integer_of(json.at("started_us"));
  if (const auto& parent = json.at("parent"); !parent.is_null()) {
    manifest.parent = ManifestParent{.path = parent.at("path"), .sha256 = parent.at("sha256")};
  }
  if (json.contains("end")) json.at("end").get_to(manifest.end);
  if (json.contains("pages_sha256")) json.at("pages_sha256").get_to(manifest.pages_sha256);
  if (json.contains("time_zones")) json.at("time_zones").get_to(manifest.time_zones);
  for (const auto& schema : json.at("schemas")) {
    TRY(auto named, read_schema(schema));
    manifest.schemas.push_back(std::move(named));
  }
  // What is left there was no file.
  const auto& files = json.at("files");
  if (!files.is_array() || !files.empty()) return base::permanent("'files' is no list of files");
  return manifest;
}

Status check_schemas(const Manifest& manifest) {
  for (const auto& file : manifest.files) {
    if (!file.schema) continue;
    if (*file.schema >= 0 && static_cast<std::size_t>(*file.schema) < manifest.schemas.size()) {
      continue;
    }
    return base::permanent("schema index out of range: " + std::to_string(*file.schema));
  }
  return {};
}

// A landing lists its pages, tens of thousands of them with their headers: each is read as it
// comes, and never are all of them held as JSON values.
Result<Manifest> read_text(std::string_view text, Origins origins) {
  bool is_in_files = false;
  std::vector<ManifestFile> files;
  Status failure;
  const auto take_file = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) is_in_files = parsed == "files";
    const bool is_file = is_in_files && depth == 2 && event == Json::parse_event_t::object_end;
    if (!is_file) return true;
    auto file = read_file(parsed, origins);
    if (file.ok()) {
      files.push_back(std::move(file).value());
    } else if (failure.ok()) {
      failure = file.error();
    }
    return false;  // not kept
  };
  const auto json = Json::parse(text, take_file);
  TRY(failure);
  TRY(auto manifest, read_fields(json));
  manifest.files = std::move(files);
  TRY(check_schemas(manifest));
  return manifest;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

// The members of an object of `files`, as they stand in a text that is indented by two.
std::string members_text(const Json& object) {
  const auto whole = text_of(object);
  std::string text;
  // Without the first line, which is "{", and the last, "}".
  for (const char character : std::string_view(whole).substr(1, whole.size() - 3)) {
    text += character;
    if (character == '\n') text += "    ";
  }
  return text;
}

// The library throws on a missing key or another type; nothing of it leaves this function.
Result<Manifest> parse(std::string_view text, Origins origins) {
  try {
    auto manifest = read_text(text, origins);
    if (manifest.ok()) return manifest;
    return std::move(manifest).error().within("parse manifest").with_remedy(kRemedy);
  } catch (const Json::exception& exception) {
    return base::permanent("not a manifest: " + std::string(exception.what())).with_remedy(kRemedy);
  }
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char character) {
    return character >= ' ' && character <= '~' && character != '"' && character != '\\';
  });
}

// A merge names thousands of files: what the library would write of them is put together here,
// which takes a tenth of the time.
void append_plain_members(const ManifestFile& file, std::string* text) {
  const auto rows = std::to_string(file.rows);
  const auto bytes = std::to_string(file.bytes);
  const auto schema = file.schema ? std::to_string(*file.schema) : std::string("null");
  for (const std::string_view part :
       {std::string_view("\n      \"path\": \""), std::string_view(file.path),
        std::string_view("\",\n      \"rows\": "), std::string_view(rows),
        std::string_view(",\n      \"bytes\": "), std::string_view(bytes),
        std::string_view(",\n      \"sha256\": \""), std::string_view(file.sha256),
        std::string_view("\",\n      \"schema\": "), std::string_view(schema)}) {
    *text += part;
  }
}

// One object of `files`, in a text that is indented by two.
void append_file(const ManifestFile& file, std::string_view origin, std::string* text) {
  *text += "\n    {";
  if (is_plain(file.path) && is_plain(file.sha256)) {
    append_plain_members(file, text);
  } else {
    Json json = {
        {"path", file.path}, {"rows", file.rows}, {"bytes", file.bytes}, {"sha256", file.sha256}};
    json["schema"] = file.schema ? Json(*file.schema) : Json(nullptr);
    *text += members_text(json);
  }
  *text += origin;
  if (!file.keys.empty()) *text += "," + members_text({{"keys", file.keys}});
  *text += "\n    }";
}

constexpr std::string_view kNoFiles = "[]\n}";

// The whole text of a manifest that has no files.
std::string text_without_files(const Manifest& manifest) {
  Json json = {{"format", kFormat}, {"stage", manifest.stage}, {"run_id", manifest.run_id}};
  json["pipeline"] = {{"name", manifest.pipeline_name}, {"sha256", manifest.pipeline_sha256}};
  json["version"] = manifest.version;
  json["window"] = window_json(manifest.window);
  json["started_us"] = manifest.started_us;
  json["parent"] = nullptr;
  if (manifest.parent) {
    json["parent"] = {{"path", manifest.parent->path}, {"sha256", manifest.parent->sha256}};
  }
  if (!manifest.end.empty()) json["end"] = manifest.end;
  if (!manifest.pages_sha256.empty()) json["pages_sha256"] = manifest.pages_sha256;
  if (!manifest.time_zones.empty()) json["time_zones"] = manifest.time_zones;
  json["schemas"] = Json::array();
  for (const auto& schema : manifest.schemas) json["schemas"].push_back(schema_json(schema));
  json["files"] = Json::array();
  auto text = text_of(json);
  assert(text.ends_with(kNoFiles));
  return text;
}

constexpr std::string_view kEndOfFiles = "\n  ]\n}\n";
// Of a text that is put together file by file.
constexpr std::size_t kBytesInMemory = std::size_t{1} << 20;

}  // namespace

std::string origin_text(const PageOrigin& origin) {
  return "," + members_text(origin_json(origin));
}

std::string manifest_json(const Manifest& manifest) {
  auto text = text_without_files(manifest);
  if (manifest.files.empty()) return text + "\n";
  text.resize(text.size() - kNoFiles.size() + 1);
  for (const auto& file : manifest.files) {
    if (&file != &manifest.files.front()) text += ',';
    append_file(file, file.origin ? origin_text(*file.origin) : std::string(), &text);
  }
  return text += kEndOfFiles;
}

ManifestText::ManifestText(io::ObjectStore& store, const Manifest& head)
    : head_(text_without_files(head)), text_(store, kBytesInMemory) {}

Status ManifestText::add(const ManifestFile& file, std::string_view origin) {
  std::string text;
  if (has_files_) {
    text += ',';
  } else {
    text = head_.substr(0, head_.size() - kNoFiles.size() + 1);
    has_files_ = true;
  }
  append_file(file, origin, &text);
  return text_.append(text);
}

Result<std::string_view> ManifestText::finish() {
  TRY(text_.append(has_files_ ? std::string(kEndOfFiles) : head_ + "\n"));
  return text_.finish();
}

Result<Manifest> parse_manifest(std::string_view text) { return parse(text, Origins::kKept); }

Result<Manifest> read_manifest(io::ObjectStore& store, const std::string& path, Origins origins) {
  TRY(const auto mapped, store.map(path));
  return parse(mapped->bytes(), origins).within(store.location_of(path));
}

Result<StoredManifest> read_stored_manifest(io::ObjectStore& store, const std::string& path) {
  TRY(const auto mapped, store.map(path));
  TRY(auto manifest, parse(mapped->bytes(), Origins::kLeftOut).within(store.location_of(path)));
  return StoredManifest{std::move(manifest), {path, base::to_hex(base::sha256(mapped->bytes()))}};
}

Result<Manifest> read_manifest_head(io::ObjectStore& store, const std::string& path) {
  // No text of JSON holds a line's end, so that this is the manifest's own key, its last.
  constexpr std::string_view kFiles = "\n  \"files\": [";
  constexpr std::string_view kEnd = "]\n}\n";
  TRY(const auto mapped, store.map(path));
  auto text = mapped->bytes();
  const auto at = text.find(kFiles);
  if (at == std::string_view::npos || !text.ends_with(kEnd)) {
    return parse_manifest(text).within(store.location_of(path));
  }
  std::string head(text.substr(0, at + kFiles.size()));
  return parse_manifest(head += kEnd).within(store.location_of(path));
}

Result<ManifestParent> write_manifest(io::ObjectStore& store, const std::string& path,
                                      const Manifest& manifest) {
  const auto text = manifest_json(manifest);
  TRY(store.write_durable(path, text).within("write manifest"));
  return ManifestParent{.path = path, .sha256 = base::to_hex(base::sha256(text))};
}

}  // namespace ashore::state
