// Variables are read as they are, or from the file that NAME_FILE names.
#include "cli/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace ashore::cli {
namespace {

TEST(EnvironmentTest, AVariableWinsOverItsFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "environment_test_secret";
  std::ofstream(path) << "from the file\n";
  ::setenv("ASHORE_TEST_SECRET_FILE", path.c_str(), 1);
  EXPECT_EQ(environment_variable("ASHORE_TEST_SECRET"), "from the file");
  ::setenv("ASHORE_TEST_SECRET", "", 1);
  EXPECT_EQ(environment_variable("ASHORE_TEST_SECRET"), "");
  ::setenv("ASHORE_TEST_SECRET", "plain", 1);
  EXPECT_EQ(environment_variable("ASHORE_TEST_SECRET"), "plain");
  ::unsetenv("ASHORE_TEST_SECRET");
  std::filesystem::remove(path);
  EXPECT_EQ(environment_variable("ASHORE_TEST_SECRET"), std::nullopt);
  ::unsetenv("ASHORE_TEST_SECRET_FILE");
}

}  // namespace
}  // namespace ashore::cli
