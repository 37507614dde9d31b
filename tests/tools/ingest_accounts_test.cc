// Account chains by the command line: what is printed, what is refused and how, and that a ledger
// on disk has it.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/real_data.h"
#include "tests/support/files.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

TEST(IngestTransfers, TakesTheHarmonyCase) {
  SPOOR_REAL_DATA_OR_SKIP(file, "theft/harmony-2023/flows.csv");
  const TestDir dir;
  const std::vector<std::string> command = {
      "ingest",
      "transfers",
      file,
      "--chain",
      "ethereum",
      "--asset",
      "USD",
      "--decimals",
      "18",
      "--columns",
      "time=Timestamp,block=Block,tx=Tx_hash,from=From,to=To,amount=Value_in_USD,"
      "from_label=From_label,to_label=To_label",
      "--ledger",
      dir.path() + "/ledger",
      "--json"};
  for (const char* time : {"first", "second"}) {
    SCOPED_TRACE(time);
    const ProcessResult result = Trace(command);
    EXPECT_EQ(result.err, "");
    const auto document = ParseJson(result);
    EXPECT_STREQ(document["schema"].GetString(), "spoor.ingest.v1");
    EXPECT_STREQ(document["chain"].GetString(), "ethereum");
    EXPECT_EQ(document["transfers"].GetUint(), 3887u);
    EXPECT_EQ(document["transactions"].GetUint(), 3348u);
    EXPECT_EQ(document["addresses"].GetUint(), 469u);
    EXPECT_STREQ(document["tip"]["time"].GetString(), "2023-02-17T06:11:59Z");
    EXPECT_EQ(std::string(document["tip"]["hash"].GetString()).substr(0, 2), "0x");
  }
  // The labels have become tags.
  const ProcessResult shown = Trace(
      {"show", "0x4e548fd843a3016dba3656d914772f5c57e8c1d9", "--ledger", dir.path() + "/ledger"});
  EXPECT_EQ(shown.exit_status, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("Harmony Bridge Hacker 46"));
}

TEST(IngestTransfers, RefusesABadRequestAndLeavesNoLedger) {
  const TestDir dir;
  const std::string good = dir.Write("good.csv", "time,tx,from,to,amount\n2023-01-01,t,a,b,5\n");
  const std::string bad = dir.Write("bad.csv", "time,tx,from,to,amount\n2023-01-01,t,a,b,-5\n");
  const std::string ledger = dir.path() + "/ledger";
  struct Case {
    std::vector<std::string> arguments;
    const char* says;
    int exit_status = 2;
  };
  for (const Case& c : std::vector<Case>{
           {{bad, "--chain", "x"}, "line 2, column amount: found \"-5\"", 1},
           {{good, "--chain", "a b"}, "--chain: found \"a b\""},
           {{good, "--chain", "x", "--columns", "when=Time"}, "found \"when=Time\""},
           {{good, "--chain", "x", "--columns", "time=Time,time=Date"}, "found time twice"},
           {{good, "--chain", "x", "--columns", "fee=Fee"}, "wanted Fee for the column fee"},
           {{good, "--chain", "x", "--decimals", "78"}, "78"},
       }) {
    SCOPED_TRACE(c.says);
    std::vector<std::string> command = {"ingest", "transfers"};
    command.insert(command.end(), c.arguments.begin(), c.arguments.end());
    command.insert(command.end(), {"--ledger", ledger});
    const ProcessResult result = Trace(command);
    EXPECT_EQ(result.exit_status, c.exit_status);
    EXPECT_THAT(result.err, HasSubstr(c.says));
    EXPECT_FALSE(std::filesystem::exists(ledger));
  }
  EXPECT_EQ(
      Trace({"ingest", "transfers", dir.path() + "/none.csv", "--chain", "x", "--ledger", ledger})
          .exit_status,
      1);
}

TEST(IngestEthereum, TakesExportsAndRawBlocks) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "ethereum");
  const TestDir dir;
  const std::string ledger = dir.path() + "/ledger";
  const ProcessResult etl = Trace({"ingest", "ethereum", "--etl", folder + "/etl-17173049-17173050",
                                   "--ledger", ledger, "--json"});
  EXPECT_THAT(etl.err, HasSubstr("298 transactions have no traces"));
  const auto document = ParseJson(etl);
  EXPECT_EQ(document["blocks"].GetUint(), 2u);
  EXPECT_EQ(document["transactions"].GetUint(), 298u);
  EXPECT_GE(document["transfers"].GetUint(), 291u);
  EXPECT_EQ(document["tip"]["height"].GetUint(), 17173050u);
  EXPECT_STREQ(document["tip"]["time"].GetString(), "2023-05-02T12:20:11Z");
  const ProcessResult rlp =
      Trace({"ingest", "ethereum", "--rlp", folder + "/rlp-3510000-3510010/blocks.rlp", "--ledger",
             ledger, "--chain", "old"});
  EXPECT_EQ(rlp.exit_status, 0) << rlp.err;
  EXPECT_THAT(rlp.out, HasSubstr("11 blocks added"));
  EXPECT_THAT(rlp.err, HasSubstr("212 transactions have no receipt"));
  const ProcessResult mixed =
      Trace({"ingest", "transfers", dir.Write("t.csv", "time,tx,from,to,amount\n"), "--chain",
             "old", "--ledger", ledger});
  EXPECT_EQ(mixed.exit_status, 1);
  EXPECT_THAT(mixed.err, HasSubstr("did not come from files of transfers"));
  const ProcessResult check = Trace({"check", "--ledger", ledger});
  EXPECT_EQ(check.exit_status, 0) << check.err << check.out;
}

TEST(IngestEthereum, RefusesABadRequest) {
  const TestDir dir;
  const std::string ledger = dir.path() + "/ledger";
  EXPECT_EQ(Trace({"ingest", "ethereum", "--ledger", ledger}).exit_status, 2);
  EXPECT_EQ(
      Trace({"ingest", "ethereum", "--etl", "x", "--rlp", "y", "--ledger", ledger}).exit_status, 2);
  EXPECT_EQ(Trace({"ingest", "ethereum", "--etl", "x", "--follow", "--ledger", ledger}).exit_status,
            2);
  EXPECT_EQ(Trace({"ingest", "ethereum", "--etl", dir.path(), "--ledger", ledger}).exit_status, 1);
  EXPECT_EQ(
      Trace({"ingest", "ethereum", "--rlp", dir.path() + "/none", "--ledger", ledger}).exit_status,
      1);
  EXPECT_EQ(Trace({"ingest", "ethereum", "--rpc", "ftp://x", "--ledger", ledger}).exit_status, 2);
  EXPECT_EQ(
      Trace({"ingest", "ethereum", "--rpc", "http://127.0.0.1:1", "--ledger", ledger}).exit_status,
      1);
  EXPECT_FALSE(std::filesystem::exists(ledger));
}

}  // namespace
}  // namespace spoor
