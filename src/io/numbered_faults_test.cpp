// The n-th outside call dies or fails, once; plans that are none are refused.
#include "io/numbered_faults.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "io/faulty_transport.h"
#include "io/testing/scripted_transport.h"

namespace ashore::io {
namespace {

TEST(NumberedFaultsTest, OneCallFailsAndTheNextGoesOn) {
  const auto faults = NumberedFaults::parse("fail:2:ENOSPC").value();
  EXPECT_EQ(faults->reach("create", "a"), 0);
  EXPECT_EQ(faults->reach("write", "a"), ENOSPC);
  EXPECT_EQ(faults->reach("write", "a"), 0);
}

TEST(NumberedFaultsDeathTest, TheProcessIsKilledInPlaceOfTheCall) {
  EXPECT_EXIT(
      {
        const auto faults = NumberedFaults::parse("kill:1").value();
        (void)faults->reach("create", "a");
      },
      testing::KilledBySignal(SIGKILL), "");
}

TEST(NumberedFaultsTest, ATraceListsEveryCall) {
  const auto path = testing::TempDir() + "ashore_trace_of_calls";
  std::filesystem::remove(path);
  {
    const auto faults = NumberedFaults::parse("trace:" + path).value();
    EXPECT_EQ(faults->reach("create", "a"), 0);
    EXPECT_EQ(faults->reach("sql", "SELECT 1\nFROM x"), 0);
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, "1 create a\n2 sql SELECT 1\n");
  std::filesystem::remove(path);
}

TEST(NumberedFaultsTest, OtherPlansAreRefused) {
  for (const auto* plan : {"", "kill", "kill:0", "kill:x", "fail:1", "fail:1:EWHAT", "die:1",
                           "trace:/no/such/folder/file"}) {
    EXPECT_FALSE(NumberedFaults::parse(plan).ok()) << plan;
  }
}

TEST(NumberedFaultsTest, EveryCallOfADiskStoreIsAPoint) {
  const auto root = testing::TempDir() + "ashore_points_of_a_store";
  std::filesystem::remove_all(root);
  int failures = 0;
  for (int number = 1;; ++number) {
    const auto faults = NumberedFaults::parse("fail:" + std::to_string(number) + ":EIO").value();
    const auto store = DiskStore::open(root, faults.get()).value();
    auto status = store->write("folder/a", "first");
    if (status.ok()) status = store->put_if_absent("folder/b", "second");
    if (status.ok()) status = store->rename("folder/a", "other/a");
    const std::string paths[] = {"other/a"};
    if (status.ok()) status = store->sync(paths);
    if (status.ok())
      status = store->read("other/a").ok() ? base::Status() : base::transient("read");
    if (status.ok()) status = store->remove_folder("folder");
    std::filesystem::remove_all(root);
    if (!status.ok()) ++failures;
    // All calls were made and this one is the next: there are no more points.
    if (faults->reach("past the end", "") != 0) break;
  }
  EXPECT_GT(failures, 15);
}

TEST(NumberedFaultsTest, ARequestMayFailBeforeAndAfterItWasSent) {
  ScriptedTransport transport([](const HttpRequest&) {
    HttpResponse response;
    response.status = 200;
    return base::Result<HttpResponse>(response);
  });
  const auto faults = NumberedFaults::parse("fail:2:ECONNRESET").value();
  FaultyTransport faulty(transport, *faults);
  HttpRequest request;
  request.url = "http://shop.example/orders";
  const auto lost = faulty.send(request, {});
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().kind(), base::ErrorKind::kTransient);
  EXPECT_EQ(transport.requests().size(), 1U);
  EXPECT_TRUE(faulty.send(request, {}).ok());
}

}  // namespace
}  // namespace ashore::io
