// Manifests keep the contract's key order and come back as they were written.
#include "state/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "io/memory_store.h"

namespace ashore::state {
namespace {

base::Timestamp at(const char* text) {
  return base::parse_timestamp(text, base::ZoneRule::kRequired).value();
}

Manifest landing() {
  Manifest manifest;
  manifest.stage = "extract";
  manifest.run_id = "20260102T030405Z-0a1b2c";
  manifest.pipeline_name = "shop";
  manifest.pipeline_sha256 = "ab";
  manifest.version = "0.1.0";
  manifest.window.start = at("2026-01-01T00:00:00Z");
  manifest.started_us = 1767322245000001;
  manifest.schemas.push_back(
      {.table = "orders",
       .schema = {{{.name = "order_id", .type = {}, .is_nullable = false},
                   {.name = "amount", .type = {base::TypeKind::kDecimal, 10, 2}}}}});
  PageOrigin origin{.method = "POST",
                    .url = "http://127.0.0.1/orders",
                    .body = "{\"page\":1}",
                    .status = 200,
                    .headers = {{"etag", "\"x\""}, {"vary", "a"}, {"vary", "b"}},
                    .started_at = at("2026-01-02T03:04:05.000001Z"),
                    .seconds = 0.25};
  manifest.files.push_back({.path = "raw/shop/r/page-00001.json",
                            .rows = 10,
                            .bytes = 1000,
                            .sha256 = "cd",
                            .schema = std::nullopt,
                            .origin = std::make_shared<const PageOrigin>(origin)});
  return manifest;
}

constexpr std::string_view kLandingText = R"text({
  "format": "ashore.manifest/1",
  "stage": "extract",
  "run_id": "20260102T030405Z-0a1b2c",
  "pipeline": {
    "name": "shop",
    "sha256": "ab"
  },
  "version": "0.1.0",
  "window": {
    "start": "2026-01-01T00:00:00Z",
    "end": null
  },
  "started_us": 1767322245000001,
  "parent": null,
  "schemas": [
    {
      "table": "orders",
      "columns": [
        {
          "name": "order_id",
          "type": "string",
          "nullable": false
        },
        {
          "name": "amount",
          "type": "decimal(10,2)",
          "nullable": true
        }
      ]
    }
  ],
  "files": [
    {
      "path": "raw/shop/r/page-00001.json",
      "rows": 10,
      "bytes": 1000,
      "sha256": "cd",
      "schema": null,
      "request": {
        "method": "POST",
        "url": "http://127.0.0.1/orders",
        "body": "{\"page\":1}"
      },
      "status": 200,
      "headers": {
        "etag": "\"x\"",
        "vary": "a, b"
      },
      "started_at": "2026-01-02T03:04:05.000001Z",
      "seconds": 0.25
    }
  ]
}
)text";

TEST(ManifestTest, KeysStandInTheContractsOrder) {
  EXPECT_EQ(manifest_json(landing()), kLandingText);
}

TEST(ManifestTest, WhatWasWrittenIsReadBack) {
  auto manifest = landing();
  manifest.parent = ManifestParent{.path = "runs/r/extract.manifest.json", .sha256 = "ef"};
  auto& file = manifest.files.emplace_back();
  file.path = "runs/r/window/orders/part-00001.parquet";
  file.schema = 0;
  const auto text = manifest_json(manifest);
  const auto again = parse_manifest(text);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(manifest_json(again.value()), text);
  EXPECT_EQ(again.value().files[0].origin->headers[1].second, "a, b");
  EXPECT_EQ(again.value().schemas[0].schema, manifest.schemas[0].schema);
}

std::string replaced(std::string text, const std::string& part, const std::string& other) {
  const auto place = text.find(part);
  return text.replace(place, part.size(), other);
}

TEST(ManifestTest, EveryFileIsWrittenAsTheLibraryWritesIt) {
  auto manifest = landing();
  for (const auto* path :
       {"stage/.staged/r/t/p=1/part-0a.parquet", "a \"quoted\" one", "back\\slash", "tab\there",
        "\xc3\xa4\xe2\x82\xac", "not \xff UTF-8", "del\x7f", ""}) {
    manifest.files.push_back(
        {.path = path, .rows = -1, .bytes = 7, .sha256 = "ef", .schema = 0, .origin = {}});
    manifest.files.push_back(
        {.path = path, .rows = 3, .bytes = 0, .sha256 = path, .schema = {}, .origin = {}});
    manifest.files.back().keys = {"k"};
  }
  const auto text = manifest_json(manifest);
  EXPECT_EQ(nlohmann::ordered_json::parse(text).dump(2) + "\n", text);
}

TEST(ManifestTest, PagesAreReadWithTheirOriginsOrWithout) {
  io::MemoryStore store;
  ASSERT_TRUE(write_manifest(store, "m.json", landing()).ok());
  const auto whole = read_manifest(store, "m.json", Origins::kKept);
  ASSERT_TRUE(whole.ok()) << whole.error().message();
  EXPECT_EQ(manifest_json(whole.value()), store.read("m.json").value());
  const auto pages = read_manifest(store, "m.json");
  ASSERT_TRUE(pages.ok()) << pages.error().message();
  EXPECT_FALSE(pages.value().files.at(0).origin);
  EXPECT_EQ(pages.value().files.at(0).path, landing().files.at(0).path);
  EXPECT_EQ(pages.value().files.at(0).sha256, landing().files.at(0).sha256);
}

TEST(ManifestTest, WhatAChildNamesIsTheDigestOfTheStoredBytes) {
  io::MemoryStore store;
  const auto written = write_manifest(store, "m.json", landing());
  ASSERT_TRUE(written.ok());
  const auto stored = read_stored_manifest(store, "m.json");
  ASSERT_TRUE(stored.ok()) << stored.error().message();
  EXPECT_EQ(stored.value().as_parent.path, "m.json");
  EXPECT_EQ(stored.value().as_parent.sha256, written.value().sha256);
  // Another release may have written it with other keys or blanks.
  const auto other = nlohmann::json::parse(manifest_json(landing())).dump(4);
  ASSERT_TRUE(store.write("other.json", other).ok());
  EXPECT_EQ(read_stored_manifest(store, "other.json").value().as_parent.sha256,
            base::to_hex(base::sha256(other)));
  EXPECT_EQ(read_stored_manifest(store, "none.json").error().kind(), base::ErrorKind::kNotFound);
}

TEST(ManifestTest, TheTextPutTogetherFileByFileIsTheSame) {
  io::MemoryStore store;
  auto manifest = landing();
  // None, one, and so many that they do not stay in memory.
  for (const std::size_t files : {std::size_t{0}, std::size_t{1}, std::size_t{5'000}}) {
    manifest.files.assign(files, landing().files.at(0));
    for (std::size_t index = 0; index < files; ++index) {
      manifest.files[index].path = "raw/shop/r/page \"" + std::to_string(index) + "\".json";
      if (index % 3 == 0) manifest.files[index].keys = {"k", "\xc3\xa4\n"};
      if (index % 5 == 0) manifest.files[index].origin = nullptr;
    }
    ManifestText text(store, manifest);
    for (const auto& file : manifest.files) {
      const auto origin = file.origin ? origin_text(*file.origin) : std::string();
      ASSERT_TRUE(text.add(file, origin).ok());
    }
    EXPECT_EQ(text.finish().value(), manifest_json(manifest)) << files << " files";
  }
}

TEST(ManifestTest, AHeadIsTheManifestWithoutItsFiles) {
  io::MemoryStore store;
  auto manifest = landing();
  manifest.pipeline_name = "a \"files\": [ in it";
  ASSERT_TRUE(write_manifest(store, "m.json", manifest).ok());
  const auto head = read_manifest_head(store, "m.json");
  ASSERT_TRUE(head.ok()) << head.error().message();
  manifest.files.clear();
  EXPECT_EQ(manifest_json(head.value()), manifest_json(manifest));
  // What was cut off, or was written otherwise, is read whole.
  const auto text = manifest_json(landing());
  ASSERT_TRUE(store.write("cut.json", text.substr(0, text.size() - 10)).ok());
  EXPECT_EQ(read_manifest_head(store, "cut.json").error().kind(), base::ErrorKind::kPermanent);
  ASSERT_TRUE(store.write("one-line.json", nlohmann::json::parse(text).dump()).ok());
  EXPECT_EQ(manifest_json(read_manifest_head(store, "one-line.json").value()), text);
  EXPECT_EQ(read_manifest_head(store, "none.json").error().kind(), base::ErrorKind::kNotFound);
}

TEST(ManifestTest, WhatIsNoManifestIsRefusedWithTheReason) {
  const auto text = manifest_json(landing());
  const auto message = [](const std::string& bad) {
    const auto result = parse_manifest(bad);
    if (result.ok()) return std::string("accepted");
    EXPECT_EQ(result.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_FALSE(result.error().remedy().empty());
    return result.error().message();
  };
  EXPECT_NE(message("{").find("not a manifest"), std::string::npos);
  EXPECT_NE(message("{}").find("format"), std::string::npos);
  EXPECT_NE(message(replaced(text, "manifest/1", "manifest/2")).find("manifest/2"),
            std::string::npos);
  EXPECT_NE(message(replaced(text, "raw/shop", "raw/../..")).find("leaves"), std::string::npos);
  EXPECT_NE(message(replaced(text, "raw/shop", "/raw")).find("leaves"), std::string::npos);
  EXPECT_NE(message(replaced(text, "\"schema\": null", "\"schema\": 1")).find("range"),
            std::string::npos);
  for (const auto* rows : {"\"x\"", "1e30", "10.5", "9223372036854775808"}) {
    EXPECT_NE(
        message(replaced(text, "\"rows\": 10", std::string("\"rows\": ") + rows)).find("integer"),
        std::string::npos)
        << rows;
  }
  EXPECT_NE(message(replaced(text, "\"rows\"", "\"lines\"")).find("rows"), std::string::npos);
  EXPECT_NE(message(replaced(text, "\"files\": [", "\"files\": [7,")).find("files"),
            std::string::npos);
  EXPECT_NE(message(replaced(text, "\"files\": [", "\"files\": {}, \"pages\": [")).find("files"),
            std::string::npos);
}

TEST(ManifestTest, ManifestsWithoutFilesAreWrittenAlike) {
  auto manifest = landing();
  manifest.files.clear();
  const auto text = manifest_json(manifest);
  EXPECT_NE(text.find("\n  \"files\": []\n}\n"), std::string::npos) << text;
  EXPECT_EQ(manifest_json(parse_manifest(text).value()), text);
}

}  // namespace
}  // namespace ashore::state
