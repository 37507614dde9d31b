// trace check of what is kept beside the chains: tags and clusters.

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/ledger/store.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

TEST_F(TraceTest, CheckReadsTagsAndClusters) {
  bitcoin::WriteFile(
      world_.dir / "list.csv",
      AsBytes(absl::StrCat("address,label,category\n", PartyAddress(1), ",Somebody,exchange\n",
                           PartyAddress(5), ",Another,mixing service\n")));
  ASSERT_EQ(Run({"tags", world_.dir / "list.csv"}).exit_status, 0);
  ASSERT_EQ(Run({"cluster", "--heuristics", "all", "--quiet"}).exit_status, 0);
  ASSERT_EQ(Run({"check", "--quiet"}).exit_status, 0);
  for (const std::string name : {"tags", "clusters.bitcoin-regtest"}) {
    SCOPED_TRACE(name);
    std::map<std::string, std::string> rows;
    const auto write = [&](const std::string& key, const std::string& value) {
      const auto store = LedgerStore::OpenForWriting(world_.ledger(), LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_TRUE((*store)->Table(name)->Write({{key, value}}).ok());
    };
    {
      const auto store = LedgerStore::OpenForReading(world_.ledger(), LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_TRUE((*store)
                      ->Table(name)
                      ->Scan("", "",
                             [&](absl::string_view key, absl::string_view value) {
                               rows[std::string(key)] = std::string(value);
                               return absl::OkStatus();
                             })
                      .ok());
    }
    ASSERT_FALSE(rows.empty());
    int noticed = 0;
    for (const auto& [key, value] : rows) {
      if (value.empty()) continue;
      ASSERT_NO_FATAL_FAILURE(write(key, value.substr(0, value.size() - 1)));
      const ProcessResult result = Run({"check", "--quiet"});
      // An error, a finding, or a row that says no less than before; never a crash.
      ASSERT_LE(result.exit_status, 1) << result.err;
      if (result.exit_status == 1) {
        noticed += 1;
        EXPECT_THAT(result.err, ::testing::StartsWith("trace: "));
      }
      ASSERT_NO_FATAL_FAILURE(write(key, value));
    }
    EXPECT_GE(noticed, 3) << "of " << rows.size() << " rows";
    EXPECT_EQ(Run({"check", "--quiet"}).exit_status, 0);
  }
}

TEST(Output, HelpIntoAFullDiskFails) {
  const ProcessResult result =
      RunProcess({"/bin/sh", "-c", std::string(SPOOR_TRACE) + " --help > /dev/full"}, {});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.err, HasSubstr("standard output"));
}

}  // namespace
}  // namespace spoor
