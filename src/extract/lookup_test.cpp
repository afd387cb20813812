// A lookup asks in chunks, lands all or nothing, and takes no answer that is not the whole truth.

#include "base/digest.h"
#include "extract/testing/extract_fixture.h"
#include "state/run_folder.h"

namespace ashore::extract {
namespace {

using base::ErrorKind;

class LookupTest : public ExtractFixture {
 protected:
  LookupTest() {
    pipeline.extract.lookup = config::Lookup{};
    auto& request = pipeline.extract.lookup->request;
    request.path = "/orders/by-id";
    request.query = {{"ids", "${keys}"}, {"limit", "${limit}"}, {"since", "${window.start}"}};
    pipeline.extract.lookup->keys_max = 2;
    config::Column id;
    id.name = "order_id";
    id.path = pointer("/id");
    config::Table orders;
    orders.name = "orders";
    orders.columns = {id};
    orders.key = {"order_id"};
    pipeline.tables = {orders};
    EXPECT_TRUE(run(shop(3)).ok());
    landing =
        state::read_stored_manifest(store, "runs/20220101T000000Z-abcdef/extract.manifest.json")
            .value();
  }

  base::Result<LookupLanding> look(const std::vector<std::string>& ids, const Source& source) {
    io::ScriptedTransport transport(source);
    io::Env env{.http = transport, .store = store, .clock = clock, .random = random};
    auto answers = look_up({pipeline, options, landing, ids}, {env, events, {}});
    requests = transport.requests();
    return answers;
  }
  // A source that holds the orders o1 and o2.
  static Source known() {
    return [](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
      std::string items;
      for (const auto* id : {"o1", "o2"}) {
        if (request.url.find(id) == std::string::npos) continue;
        items += (items.empty() ? "" : ",") + ("{\"id\":\"" + std::string(id) + "\"}");
      }
      const auto total = std::count(items.begin(), items.end(), '{');
      return answer(200, envelope(total, items));
    };
  }
  static Source always(const std::string& body, const io::HttpHeaders& headers = {}) {
    return [=](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
      return answer(200, body, headers);
    };
  }
  base::Error refusal(const Source& source) {
    auto answers = look({"o1", "o2"}, source);
    EXPECT_FALSE(answers.ok());
    EXPECT_EQ(landed_answers(), std::vector<std::string>());
    return answers.ok() ? base::bug("it landed") : answers.error();
  }
  std::vector<std::string> landed_answers() {
    std::vector<std::string> names;
    for (auto& name : landed()) {
      if (name.starts_with("lookup") || name.starts_with(".")) names.push_back(std::move(name));
    }
    return names;
  }

  state::StoredManifest landing;
};

TEST_F(LookupTest, KeysAreAskedForInChunksAndAnswersLandVerbatimBesideThePages) {
  const auto answers = look({"o1", "o2", "o9"}, known());
  ASSERT_TRUE(answers.ok()) << answers.error().message();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].url, "http://a.example/orders/by-id?ids=o1%2Co2&limit=2");
  EXPECT_EQ(requests[1].url, "http://a.example/orders/by-id?ids=o9&limit=1");
  EXPECT_EQ(answers.value().requests, 2);
  EXPECT_EQ(read(raw("lookup-0001.json")), envelope(2, R"({"id":"o1"},{"id":"o2"})"));
  EXPECT_EQ(read(raw("lookup-0002.json")), envelope(0, ""));
  const auto& manifest = answers.value().manifest;
  ASSERT_EQ(manifest.files.size(), 2U);
  EXPECT_EQ(manifest.files[0].path, raw("lookup-0001.json"));
  EXPECT_EQ(manifest.files[0].rows, 2);
  EXPECT_EQ(manifest.files[0].keys, (std::vector<std::string>{"o1", "o2"}));
  EXPECT_EQ(manifest.files[1].keys, std::vector<std::string>{"o9"});
  EXPECT_EQ(manifest.files[1].origin->url, requests[1].url);
}

TEST_F(LookupTest, TheManifestNamesTheLandingsAsItsParentAndLiesInBothPlaces) {
  ASSERT_TRUE(look({"o1"}, known()).ok());
  const auto copy = read("runs/20220101T000000Z-abcdef/lookup.manifest.json");
  EXPECT_EQ(read(raw("lookup.manifest.json")), copy);
  const auto manifest = state::parse_manifest(copy).value();
  EXPECT_EQ(manifest.stage, "lookup");
  EXPECT_EQ(manifest.started_us, landing.manifest.started_us);
  ASSERT_TRUE(manifest.parent);
  EXPECT_EQ(manifest.parent->path, "runs/20220101T000000Z-abcdef/extract.manifest.json");
  EXPECT_EQ(manifest.parent->sha256, base::to_hex(base::sha256(read(manifest.parent->path))));
  const auto found = find_lookup(store, landing).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->manifest.files.at(0).path, raw("lookup-0001.json"));
  EXPECT_EQ(found->as_parent.sha256, base::to_hex(base::sha256(copy)));
}

TEST_F(LookupTest, WhatWasAskedForIsNotAskedAgain) {
  ASSERT_TRUE(look({"o1", "o2"}, known()).ok());
  const auto again = look({"o2", "o1"}, known());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(requests.size(), 0U);
  const auto more = look({"o1", "o9"}, known());
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(requests.size(), 1U);
  ASSERT_EQ(more.value().manifest.files.size(), 2U);
  EXPECT_EQ(more.value().manifest.files[1].path, raw("lookup-0002.json"));
  EXPECT_EQ(more.value().manifest.files[1].keys, std::vector<std::string>{"o9"});
  const auto written = read("runs/20220101T000000Z-abcdef/lookup.manifest.json");
  EXPECT_EQ(more.value().as_parent.sha256, base::to_hex(base::sha256(written)));
  // The first answer's request is kept where the second one is added.
  const auto manifest = state::parse_manifest(written).value();
  ASSERT_TRUE(manifest.files.at(0).origin);
  EXPECT_EQ(manifest.files[0].origin->url, "http://a.example/orders/by-id?ids=o1%2Co2&limit=2");
}

TEST_F(LookupTest, AnswersOfAnotherLandingAreNone) {
  ASSERT_TRUE(look({"o1"}, known()).ok());
  landing.as_parent.sha256 = std::string(64, '0');
  EXPECT_FALSE(find_lookup(store, landing).value());
  ASSERT_TRUE(look({"o1"}, known()).ok());
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(LookupTest, ALandingThatIsFetchedAgainTakesItsAnswersAway) {
  ASSERT_TRUE(look({"o1"}, known()).ok());
  ASSERT_TRUE(store.remove(raw("page-00001.json")).ok());
  ASSERT_TRUE(run(shop(3)).ok());
  EXPECT_EQ(landed_answers(), std::vector<std::string>());
  EXPECT_FALSE(store.stat("runs/20220101T000000Z-abcdef/lookup.manifest.json").value());
}

TEST_F(LookupTest, WhatABrokenOffLookupLeftIsCleared) {
  ASSERT_TRUE(store.write_new(raw("lookup-0001.json"), "half").ok());
  ASSERT_TRUE(store.write_new(raw(".attempt-1/lookup-0001.json"), "half").ok());
  ASSERT_TRUE(look({"o1"}, known()).ok());
  EXPECT_EQ(landed_answers(),
            (std::vector<std::string>{"lookup-0001.json", "lookup.manifest.json"}));
  EXPECT_EQ(read(raw("lookup-0001.json")), envelope(1, R"({"id":"o1"})"));
}

TEST_F(LookupTest, NumbersAreAskedForAsNumbers) {
  pipeline.tables[0].columns[0].type = {base::TypeKind::kInt64};
  auto& request = pipeline.extract.lookup->request;
  request.method = "POST";
  request.body = R"({"ids":"${keys}"})";
  const auto answers = look({"17", "5"}, always(envelope(1, R"({"id":17})")));
  ASSERT_TRUE(answers.ok()) << answers.error().message();
  EXPECT_EQ(requests[0].body, R"({"ids":[17,5]})");
}

TEST_F(LookupTest, AnIdMayBeEscaped) {
  EXPECT_TRUE(look({"\xc3\xb6/1"}, always(envelope(1, R"({"id":"\u00f6\/1"})"))).ok());
}

TEST_F(LookupTest, RequestsAreTriedAgainAndAFailureLandsNothing) {
  int calls = 0;
  const auto answers = look({"o1"}, [&](const auto& request) -> base::Result<io::HttpResponse> {
    if (++calls == 1) return answer(503, "");
    return known()(request);
  });
  ASSERT_TRUE(answers.ok());
  EXPECT_EQ(answers.value().retries, 1);
  ASSERT_TRUE(store.remove_folder("raw").ok());
  const auto error = refusal([](const auto& request) -> base::Result<io::HttpResponse> {
    if (request.url.find("o2") != std::string::npos) return answer(503, "down");
    return answer(200, envelope(0, ""));
  });
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_NE(error.message().find("lookup 1"), std::string::npos) << error.message();
}

TEST_F(LookupTest, ABodyThatIsNoJsonIsKeptAsEvidence) {
  const auto error = refusal(always("<html>"));
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_EQ(read(raw("evidence/attempt-1/lookup-0001-try-1.body")), "<html>");
}

TEST_F(LookupTest, ItemsThatWereNotAskedForAreRefused) {
  const auto error = refusal(always(envelope(2, orders(2, 4))));
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_NE(error.message().find("an item that was not asked for: \"o3\""), std::string::npos)
      << error.message();
  EXPECT_EQ(read(raw("evidence/attempt-1/lookup-0001-try-1.body")), envelope(2, orders(2, 4)));
  const auto nameless = refusal(always(envelope(1, "{}")));
  EXPECT_NE(nameless.message().find("items without an id"), std::string::npos);
}

TEST_F(LookupTest, AnAnswerThatIsCutIsRefused) {
  const auto error = refusal(always(envelope(2, R"({"id":"o1"})")));
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_NE(error.message().find("1 items of 2"), std::string::npos) << error.message();
  const io::HttpHeaders next = {{"link", "<http://a.example/orders?page=2>; rel=\"next\""}};
  const auto goes_on = refusal(always(envelope(1, R"({"id":"o1"})"), next));
  EXPECT_NE(goes_on.message().find("and goes on"), std::string::npos) << goes_on.message();
  // Nothing can be missing where all that was asked for came.
  EXPECT_TRUE(look({"o1", "o2"}, always(envelope(2, orders(1, 3)), next)).ok());
}

}  // namespace
}  // namespace ashore::extract
