#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/files.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using rapidjson::Value;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAlice[] = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
constexpr char kBob[] = "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359";
constexpr char kToken[] = "0xdac17f958d2ee523a2206206994597c13d831ec7";
constexpr char kHash[] = "0x1122334455667788990011223344556677889900112233445566778899001122";

// Some of what moved on a chain whose history begins before.
class AccountShowTest : public ::testing::Test {
 protected:
  AccountShowTest() {
    const auto write = [&](const char* name, const std::string& rows) {
      std::ofstream(dir_ + "/" + name) << "time,block,tx,from,to,asset,amount\n" << rows;
    };
    write("books.csv", std::string("2023-01-01T00:00:00Z,5,") + kHash + "," + kAlice + "," + kBob +
                           ",,100\n" +  //
                           "2023-01-01T00:00:00Z,5," + kHash + "," + kBob + "," + kAlice + "," +
                           kToken + ",7\n" +                                            //
                           "2023-01-02T00:00:00Z,6,order 66," + kBob + ",till,,30\n" +  //
                           "2023-01-03T00:00:00Z,9,till," + kAlice + "," + kAlice + ",,1\n");
    write("other.csv", std::string("2023-01-01T00:00:00Z,1,order 66,x,") + kAlice + ",,1\n");
    Run({"ingest", "transfers", dir_ + "/books.csv", "--chain", "books", "--asset", "USD"});
  }

  ProcessResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--ledger", dir_ + "/ledger"});
    return Trace(arguments);
  }

  const TestDir folder_;
  const std::string dir_ = folder_.path();
};

TEST_F(AccountShowTest, ShowsBalancesAndLastMovements) {
  const auto bob = ParseJson(Run({"show", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "--json"}));
  EXPECT_STREQ(bob["kind"].GetString(), "address");
  EXPECT_STREQ(bob["address"].GetString(), kBob);
  EXPECT_STREQ(bob["asset"].GetString(), "books:USD");
  EXPECT_STREQ(bob["balance"].GetString(), "70");
  EXPECT_STREQ(bob["received"].GetString(), "100");
  EXPECT_STREQ(bob["sent"].GetString(), "30");
  EXPECT_EQ(bob["movements"].GetUint(), 3u);
  EXPECT_EQ(bob["opening_balances"].GetUint(), 1u);
  EXPECT_STREQ(bob["last"].GetString(), "2023-01-02T00:00:00Z");
  ASSERT_EQ(bob["balances"].Size(), 2u);
  const Value& token = bob["balances"][1];
  EXPECT_EQ(token["asset"].GetString(), std::string("books:") + kToken);
  EXPECT_STREQ(token["balance"].GetString(), "0");
  EXPECT_STREQ(token["opening"].GetString(), "7");
  EXPECT_STREQ(token["sent"].GetString(), "7");
  ASSERT_EQ(bob["last_movements"].Size(), 3u);
  const Value& last = bob["last_movements"][0];
  EXPECT_STREQ(last["place"].GetString(), "order 66:0");
  EXPECT_STREQ(last["to"].GetString(), "till");
  EXPECT_EQ(bob["last_movements"][2]["place"].GetString(), std::string(kHash) + ":0");

  const ProcessResult alice = Run({"show", kAlice});
  EXPECT_EQ(alice.exit_status, 0) << alice.err;
  EXPECT_THAT(alice.out, HasSubstr("before the ledger begins, at the least"));
  EXPECT_THAT(alice.out, HasSubstr("to " + std::string(kBob)));
  const ProcessResult wrong = Run({"show", "0xFB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"});
  EXPECT_EQ(wrong.exit_status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("checksum"));
  EXPECT_EQ(Run({"show", "nobody we know"}).exit_status, 2);
}

TEST_F(AccountShowTest, ShowsTransactionsByHashAndByName) {
  const auto swap = ParseJson(Run({"show", kHash, "--json"}));
  EXPECT_STREQ(swap["kind"].GetString(), "transaction");
  EXPECT_STREQ(swap["txid"].GetString(), kHash);
  EXPECT_EQ(swap["block"].GetUint(), 5u);
  ASSERT_EQ(swap["movements"].Size(), 2u);
  EXPECT_EQ(swap["movements"][1]["index"].GetUint(), 1u);
  EXPECT_STREQ(swap["movements"][1]["amount"].GetString(), "7");
  EXPECT_STREQ(swap["movements"][1]["from"].GetString(), kBob);
  EXPECT_STREQ(swap["movements"][0]["from_opening"].GetString(), "101");
  const ProcessResult order = Run({"show", "order 66"});
  EXPECT_EQ(order.exit_status, 0) << order.err;
  EXPECT_THAT(order.out, HasSubstr("transaction order 66 (books)"));
}

TEST_F(AccountShowTest, AsksWhichIsMeant) {
  const ProcessResult both = Run({"show", "till"});
  EXPECT_EQ(both.exit_status, 2);
  EXPECT_THAT(both.err, HasSubstr("both an account and a transaction of books"));
  Run({"ingest", "transfers", dir_ + "/other.csv", "--chain", "other"});
  const ProcessResult chains = Run({"show", kAlice});
  EXPECT_EQ(chains.exit_status, 2);
  EXPECT_THAT(chains.err, HasSubstr("CHAIN:"));
  EXPECT_EQ(Run({"show", std::string("other:") + kAlice}).exit_status, 0);
  EXPECT_THAT(Run({"show", "books:order 66"}).out, HasSubstr("(books)"));
  const ProcessResult ledger = Run({"show"});
  EXPECT_THAT(ledger.out, HasSubstr("2 balances begin before the ledger does"));
  EXPECT_THAT(ledger.out, Not(HasSubstr("internal transfers are missing")));
  EXPECT_EQ(Run({"check"}).exit_status, 0);
}

}  // namespace
}  // namespace spoor
