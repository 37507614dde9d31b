// A real Ethereum node: what a ledger has of it is what the node itself says of every account, at
// every block, whichever of its ways of telling are asked, and through reorganisations.

#include "tests/support/anvil.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "simdjson.h"
#include "spoor/chain/digest.h"
#include "spoor/ethereum/node.h"
#include "spoor/ethereum/raw_block.h"
#include "spoor/ingest/ethereum.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/fake_node.h"
#include "tests/support/files.h"

namespace spoor {
namespace {

using Signed = boost::multiprecision::cpp_int;

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

// A word of call data.
std::string Argument(const std::string& address) {
  return absl::StrCat(std::string(24, '0'), address.substr(2));
}
std::string Argument(uint64_t number) {
  return absl::StrCat(std::string(48, '0'), absl::Hex(number, absl::kZeroPad16));
}
std::string CallData(absl::string_view signature, const std::string& arguments = "") {
  const Digest256 hash = Keccak256(AsBytes(signature));
  return absl::StrCat("0x", ToHex(ByteSpan(hash).first(4)), arguments);
}

// Code by contract (contracts/contracts.sol).
std::map<std::string, std::string> Contracts() {
  std::map<std::string, std::string> code;
  for (const absl::string_view line :
       absl::StrSplit(ReadTestFile(SPOOR_CONTRACTS), '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, ' ');
    code.insert(pair);
  }
  return code;
}

class AnvilTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Anvil::Program().empty()) {
      GTEST_SKIP() << "no anvil; tests/install_anvil.sh installs it, or name it in $SPOOR_ANVIL";
    }
    node_ = std::make_unique<Anvil>();
    ASSERT_TRUE(node_->Start());
    simdjson::dom::parser parser;
    const std::string reply = node_->Call("eth_accounts");
    const simdjson::dom::array list = parser.parse(reply)["result"].get_array();
    for (const auto account : list) {
      accounts_.push_back(std::string(account.get_string().value()));
    }
    ASSERT_GE(accounts_.size(), 5u);
  }

  // The hash of a transaction that waits to be mined.
  std::string Send(const std::string& from, const std::string& to, uint64_t value,
                   const std::string& data = "0x", const std::string& more = "") {
    return node_->Text(
        "eth_sendTransaction",
        absl::StrCat(R"([{"from":")", from, to.empty() ? "" : absl::StrCat(R"(","to":")", to),
                     R"(","value":"0x)", absl::Hex(value), R"(","data":")", data,
                     R"(","gas":"0x200000")", more, "}]"));
  }
  std::string Deploy(const std::string& from, const std::string& code) {
    const std::string hash = Send(from, "", 0, absl::StrCat("0x", code));
    Mine();
    const std::string receipt =
        node_->Call("eth_getTransactionReceipt", absl::StrCat("[", Quoted(hash), "]"));
    simdjson::dom::parser parser;
    return std::string(parser.parse(receipt)["result"]["contractAddress"].get_string().value());
  }
  void Mine() { node_->Call("anvil_mine", R"(["0x1"])"); }

  Units NodeBalance(const std::string& account, const std::string& block = "latest") {
    return Number(
        node_->Text("eth_getBalance", absl::StrCat("[", Quoted(account), ",", Quoted(block), "]")));
  }
  Units NodeTokens(const std::string& token, const std::string& account) {
    return Number(node_->Text(
        "eth_call",
        absl::StrCat(R"([{"to":")", token, R"(","data":")",
                     CallData("balanceOf(address)", Argument(account)), R"("},"latest"])")));
  }
  static Units Number(absl::string_view hex) { return Units(std::string(hex)); }

  absl::StatusOr<EthereumReport> Ingest(MemoryLedger* ledger, const std::string& url = "") {
    ethereum::NodeClient::Options client;
    client.url = url.empty() ? node_->url() : url;
    const auto node = ethereum::NodeClient::Create(client);
    return IngestFromNode(node->get(), ledger, {});
  }
  // What came to the account less what it paid.
  static Signed Net(const MemoryLedger& ledger, const std::string& account,
                    const std::string& token = "") {
    const auto id = ledger.FindAddress(*AccountKeyFromText(account));
    if (!id.ok() || !id->has_value()) return 0;
    AssetId asset = kNativeAsset;
    if (!token.empty()) {
      const auto found = ledger.FindAsset(*AccountKeyFromText(token));
      if (!found.ok() || !found->has_value()) return 0;
      asset = **found;
    }
    const auto balance = ledger.ReadBalance(Holding::Balance(**id, asset));
    if (!balance.ok() || !balance->has_value()) return 0;
    return Signed((*balance)->amount) - Signed((*balance)->opening);
  }
  // Every account that the ledger knows, against the node.
  void ExpectTheNodesBalances(const MemoryLedger& ledger, const std::vector<std::string>& tokens) {
    const uint64_t addresses = ledger.tip()->totals.addresses;
    for (uint64_t i = 0; i < addresses; ++i) {
      const std::string account = NameOwner(ledger, AddressId{i})->text;
      EXPECT_EQ(Net(ledger, account),
                Signed(NodeBalance(account)) - Signed(NodeBalance(account, "0x0")))
          << account << " at block " << ledger.tip()->height;
      for (const std::string& token : tokens) {
        EXPECT_EQ(Net(ledger, account, token), Signed(NodeTokens(token, account)))
            << account << ", tokens of " << token << " at block " << ledger.tip()->height;
      }
    }
  }
  MemoryLedger NewLedger() const { return MemoryLedger(EthereumChainInfo("anvil", "ETH")); }

  std::unique_ptr<Anvil> node_;
  std::vector<std::string> accounts_;
};

// Lets a node through, but for methods that it is to pretend not to have.
class Narrow {
 public:
  Narrow(Anvil* node, std::vector<std::string> hidden)
      : hidden_(std::move(hidden)), server_([this, node](const HttpServer::Request& request) {
          NodeHttp::Options options;
          options.url = node->url();
          std::string body = request.body;
          for (const std::string& method : hidden_) {
            body = absl::StrReplaceAll(body, {{absl::StrCat("\"", method, "\""), "\"no_such\""}});
          }
          const auto reply = (*NodeHttp::Create(options))->Post(body, 64 << 20);
          return reply.ok() ? HttpOk(*reply) : HttpError(500);
        }) {}
  std::string url() const { return server_.url(); }

 private:
  const std::vector<std::string> hidden_;
  HttpServer server_;
};

TEST_F(AnvilTest, BalancesAreTheNodesAtEveryBlock) {
  const auto code = Contracts();
  const std::string token =
      Deploy(accounts_[0], absl::StrCat(code.at("Token"), Argument(1'000'000)));
  const std::string wrapped = Deploy(accounts_[0], code.at("Wrapped"));
  const std::string payer = Deploy(accounts_[0], code.at("Payer"));
  std::mt19937_64 rng(/*seed=*/20260301);
  const auto someone = [&] { return accounts_[rng() % 4]; };
  MemoryLedger ledger = NewLedger();
  for (int block = 0; block < 12; ++block) {
    const auto transactions = 1 + rng() % 6;
    for (size_t i = 0; i < transactions; ++i) {
      const uint64_t value = 1'000'000 + rng() % 1'000'000;
      switch (rng() % 8) {
        case 0:
          Send(someone(), someone(), value);
          break;
        case 1:
          // A newcomer.
          Send(someone(),
               absl::StrCat("0x", absl::Hex(rng(), absl::kZeroPad16), "00",
                            absl::Hex(rng(), absl::kZeroPad16), "000000"),
               value);
          break;
        case 2:
          Send(accounts_[0], token, 0,
               CallData("transfer(address,uint256)", Argument(someone()) + Argument(rng() % 1000)));
          break;
        case 3:
          // Of more than there is: fails, and pays its fee.
          Send(accounts_[4], token, 0,
               CallData("transfer(address,uint256)", Argument(someone()) + Argument(5'000'000)));
          break;
        case 4:
          Send(accounts_[1], wrapped, value, CallData("deposit()"));
          break;
        case 5:
          Send(accounts_[1], wrapped, 0, CallData("withdraw(uint256)", Argument(rng() % 500'000)));
          break;
        case 6:
          Send(someone(), payer, value, CallData("pay(address)", Argument(someone())));
          break;
        case 7:
          Send(someone(), payer, value, CallData(rng() % 2 == 0 ? "make()" : "fail()"));
          break;
      }
    }
    if (block == 9) Send(accounts_[2], payer, 0, CallData("end(address)", Argument(accounts_[3])));
    Mine();
    const auto report = Ingest(&ledger);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->without_traces, 0u);
    EXPECT_EQ(report->without_receipt, 0u);
    ExpectTheNodesBalances(ledger, {token, wrapped});
  }
  EXPECT_EQ(ledger.tip()->totals.blocks, ledger.tip()->height + 1);
  // The same by every way of asking.
  const std::string dump = *DumpLedger(ledger);
  for (const auto& hidden : std::vector<std::vector<std::string>>{
           {"trace_block"}, {"eth_getBlockReceipts"}, {"trace_block", "eth_getBlockReceipts"}}) {
    SCOPED_TRACE(absl::StrJoin(hidden, " "));
    Narrow narrow(node_.get(), hidden);
    MemoryLedger other = NewLedger();
    const auto report = Ingest(&other, narrow.url());
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->without_traces, 0u);
    EXPECT_EQ(*DumpLedger(other), dump);
  }
  // Without traces, it says what is missing.
  Narrow narrow(node_.get(), {"trace_block", "debug_traceBlockByNumber"});
  MemoryLedger other = NewLedger();
  const auto report = Ingest(&other, narrow.url());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->without_traces, report->transactions);
}

TEST_F(AnvilTest, FollowsReorganisationsExactly) {
  Send(accounts_[0], accounts_[1], 1000);
  Mine();
  MemoryLedger ledger = NewLedger();
  ASSERT_TRUE(Ingest(&ledger).ok());
  const std::string snapshot = node_->Text("evm_snapshot");
  for (int i = 0; i < 3; ++i) {
    Send(accounts_[1], accounts_[2], 500);
    Mine();
  }
  ASSERT_TRUE(Ingest(&ledger).ok());
  EXPECT_EQ(ledger.tip()->height, 4u);
  // Set back: the ledger stays until the other branch goes as far.
  node_->Call("evm_revert", absl::StrCat("[", Quoted(snapshot), "]"));
  const std::string far = *DumpLedger(ledger);
  ASSERT_TRUE(Ingest(&ledger).ok());
  EXPECT_EQ(*DumpLedger(ledger), far);
  Send(accounts_[1], accounts_[3], 77);
  for (int i = 0; i < 4; ++i) Mine();
  const auto report = Ingest(&ledger);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 3u);
  EXPECT_EQ(ledger.tip()->height, 5u);
  ExpectTheNodesBalances(ledger, {});
  // As if it had never been otherwise.
  MemoryLedger fresh = NewLedger();
  ASSERT_TRUE(Ingest(&fresh).ok());
  EXPECT_EQ(*DumpLedger(ledger), *DumpLedger(fresh));
}

TEST_F(AnvilTest, SignsAsWeRecover) {
  // Every kind that anvil makes: its raw bytes have the sender that it says.
  const std::string to = accounts_[1];
  const std::vector<std::string> hashes = {
      Send(accounts_[0], to, 5, "0x", R"(,"gasPrice":"0x77359400")"),
      Send(accounts_[2], to, 5, "0x", R"(,"gasPrice":"0x77359400","accessList":[])"),
      Send(accounts_[3], to, 5, "0x1234"),
  };
  Mine();
  for (const std::string& hash : hashes) {
    SCOPED_TRACE(hash);
    const std::string raw =
        node_->Text("eth_getRawTransactionByHash", absl::StrCat("[", Quoted(hash), "]"));
    const auto bytes = FromHex(absl::string_view(raw).substr(2));
    ASSERT_TRUE(bytes.ok());
    const auto tx = ethereum::DecodeTransaction(*bytes);
    ASSERT_TRUE(tx.ok()) << tx.status();
    EXPECT_EQ(ToText(tx->tx.hash, HashText::kPrefixed), hash);
    const std::string said =
        node_->Call("eth_getTransactionByHash", absl::StrCat("[", Quoted(hash), "]"));
    EXPECT_TRUE(absl::StrContains(said, absl::StrCat("\"from\":\"0x", ToHex(tx->tx.from))));
  }
}

}  // namespace
}  // namespace spoor
