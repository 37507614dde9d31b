// A node of Ethereum that lies, hangs, breaks off or changes its mind: each ends in bounded time
// with a clear error, and the ledger whole.

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "simdjson.h"
#include "spoor/ethereum/node.h"
#include "spoor/ingest/ethereum.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/fake_node.h"

namespace spoor {
namespace {

std::string Hash(uint64_t n) {
  return absl::StrCat("0x", absl::Hex(n, absl::kZeroPad16), std::string(48, 'e'));
}
std::string Address(uint64_t n) {
  return absl::StrCat("0x", absl::Hex(n, absl::kZeroPad16), std::string(24, 'd'));
}
std::string Hex(uint64_t n) { return absl::StrCat("0x", absl::Hex(n)); }

// Speaks as a node does of a chain with a transfer in every block. A branch's blocks have hashes of
// their own from `fork` on.
class FakeEthereum {
 public:
  FakeEthereum()
      : server_([this](const HttpServer::Request& request) { return Answer(request); }) {}

  std::string url() const { return server_.url(); }

  std::atomic<uint64_t> height = 5;
  std::atomic<uint64_t> branch = 0;
  std::atomic<uint64_t> fork = 1000;
  // What the node does otherwise than a good one would.
  std::function<std::optional<HttpResponse>(const HttpServer::Request&)> instead;
  std::function<void(const std::string& method, std::string* result)> tamper;

 private:
  std::string BlockHash(uint64_t n) const { return Hash(n >= fork ? branch * 10'000 + n : n); }
  std::string TxHash(uint64_t n) const {
    return absl::StrReplaceAll(BlockHash(n), {{"eeee", "efef"}});
  }

  std::string Block(uint64_t n) const {
    return absl::StrCat(R"({"number":")", Hex(n), R"(","hash":")", BlockHash(n),
                        R"(","parentHash":")", n == 0 ? Hash(999) : BlockHash(n - 1),
                        R"(","miner":")", Address(99), R"(","timestamp":")", Hex(1'700'000'000 + n),
                        R"(","baseFeePerGas":"0x2","uncles":[],"transactions":[{"blockHash":")",
                        BlockHash(n), R"(","hash":")", TxHash(n),
                        R"(","transactionIndex":"0x0","from":")", Address(1), R"(","to":")",
                        Address(2), R"(","value":")", Hex(100 + n),
                        R"(","nonce":"0x0","gas":"0x5208","input":"0x","type":"0x2"}]})");
  }
  std::string Receipts(uint64_t n) const {
    return absl::StrCat(
        R"([{"blockHash":")", BlockHash(n), R"(","transactionHash":")", TxHash(n),
        R"(","gasUsed":"0x7","effectiveGasPrice":"0x5","status":"0x1","logs":[]}])");
  }
  std::string Traces(uint64_t n) const {
    return absl::StrCat(R"([{"action":{"callType":"call","from":")", Address(1), R"(","to":")",
                        Address(2), R"(","value":")", Hex(100 + n), R"("},"blockHash":")",
                        BlockHash(n),
                        R"(","traceAddress":[],"transactionPosition":0,"type":"call"}])");
  }

  HttpResponse Answer(const HttpServer::Request& request) {
    if (instead != nullptr) {
      if (auto response = instead(request)) return *response;
    }
    simdjson::dom::parser parser;
    const std::string body = request.body;
    std::string out = "[";
    const simdjson::dom::array calls = parser.parse(body).get_array();
    for (const auto call : calls) {
      const std::string method(call["method"].get_string().value());
      uint64_t n = 0;
      std::string_view text;
      if (call["params"].at(0).get_string().get(text) == simdjson::SUCCESS) {
        n = std::stoull(std::string(text.substr(0, 18)), nullptr, 16) % 10'000;
      }
      std::string result = "null";
      if (method == "eth_chainId") result = R"("0x1")";
      if (method == "eth_blockNumber") result = absl::StrCat("\"", Hex(height), "\"");
      if (method == "eth_getBlockByNumber" && n <= height) result = Block(n);
      if (method == "eth_getBlockReceipts") result = Receipts(n);
      if (method == "trace_block") result = Traces(n);
      if (tamper != nullptr) tamper(method, &result);
      absl::StrAppend(&out, out.size() > 1 ? "," : "", R"({"jsonrpc":"2.0","id":)",
                      call["id"].get_uint64().value(), R"(,"result":)", result, "}");
    }
    return HttpOk(out + "]");
  }

  HttpServer server_;  // last: its threads use the others
};

class EthereumNode : public testing::Test {
 protected:
  absl::StatusOr<EthereumReport> Ingest(MemoryLedger* ledger) {
    ethereum::NodeClient::Options client;
    client.url = node_.url();
    client.timeout = std::chrono::seconds(2);
    const auto connected = ethereum::NodeClient::Create(client);
    return IngestFromNode(connected->get(), ledger, {});
  }
  static std::string Dump(const MemoryLedger& ledger) { return *DumpLedger(ledger); }

  FakeEthereum node_;
  MemoryLedger ledger_{EthereumChainInfo("test", "ETH")};
};

TEST_F(EthereumNode, IsTakenFromTheFirstBlockToTheLast) {
  const auto report = Ingest(&ledger_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 6u);
  EXPECT_EQ(report->without_traces, 0u);
  EXPECT_EQ(ledger_.tip()->totals.transactions, 6u);
  node_.height = 8;
  EXPECT_EQ(Ingest(&ledger_)->blocks_added, 3u);
  EXPECT_EQ(Ingest(&ledger_)->blocks_added, 0u);
}

TEST_F(EthereumNode, ReorganisesByHash) {
  ASSERT_TRUE(Ingest(&ledger_).ok());
  node_.branch = 3;
  node_.fork = 3;
  const auto report = Ingest(&ledger_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 3u);
  EXPECT_EQ(report->blocks_added, 3u);
  MemoryLedger fresh(EthereumChainInfo("test", "ETH"));
  ASSERT_TRUE(Ingest(&fresh).ok());
  EXPECT_EQ(Dump(ledger_), Dump(fresh));
  // Another chain altogether.
  node_.branch = 4;
  node_.fork = 0;
  const auto other = Ingest(&ledger_);
  EXPECT_TRUE(absl::IsFailedPrecondition(other.status())) << other.status();
  EXPECT_EQ(Dump(ledger_), Dump(fresh));
}

TEST_F(EthereumNode, MayChangeItsChainBetweenTwoCalls) {
  // While block 4's receipts are asked for, blocks from 2 on become others; once.
  std::atomic<int> changes = 0;
  node_.tamper = [&](const std::string& method, std::string*) {
    if (method == "eth_getBlockReceipts" && changes++ == 4) {
      node_.branch = 7;
      node_.fork = 2;
    }
  };
  const auto report = Ingest(&ledger_);
  ASSERT_TRUE(report.ok()) << report.status();
  node_.tamper = nullptr;
  MemoryLedger fresh(EthereumChainInfo("test", "ETH"));
  ASSERT_TRUE(Ingest(&fresh).ok());
  EXPECT_EQ(Dump(ledger_), Dump(fresh));
}

TEST_F(EthereumNode, ThatChangesAllTheTimeIsGivenUp) {
  node_.fork = 0;
  node_.tamper = [&](const std::string& method, std::string*) {
    if (method == "eth_getBlockReceipts") ++node_.branch;
  };
  const auto report = Ingest(&ledger_);
  EXPECT_TRUE(absl::IsUnavailable(report.status())) << report.status();
  EXPECT_TRUE(absl::StrContains(report.status().message(), "changes all the time"));
}

TEST_F(EthereumNode, ThatLiesIsRefused) {
  struct Lie {
    const char* name;
    const char* method;
    std::string what, by;
    const char* says;
  };
  const std::string long_number = "0x1" + std::string(100000, '0');
  for (const Lie& lie : {
           Lie{"another block", "eth_getBlockByNumber", R"("number":"0x3")", R"("number":"0x4")",
               "found block 4"},
           Lie{"no hash", "eth_getBlockByNumber", R"("hash":"0x)", R"("hash":"0y)", "a hash"},
           Lie{"decimal", "eth_getBlockByNumber", R"("value":"0x67")", R"("value":"103")",
               "as in 0x1b4"},
           Lie{"a number, not a text", "eth_getBlockByNumber", R"("value":"0x67")",
               R"("value":103)", "no \"value\""},
           Lie{"negative", "eth_getBlockByNumber", R"("value":"0x67")", R"("value":"-0x67")",
               "as in 0x1b4"},
           Lie{"long", "eth_getBlockByNumber", R"("value":"0x67")",
               absl::StrCat(R"("value":")", long_number, "\""), "256 bits"},
           Lie{"no transactions", "eth_getBlockByNumber", R"("transactions":[)", R"("transfers":[)",
               "no \"transactions\""},
           Lie{"misnumbered", "eth_getBlockByNumber", R"("transactionIndex":"0x0")",
               R"("transactionIndex":"0x1")", "found transaction 1"},
           Lie{"a time past all", "eth_getBlockByNumber", R"("timestamp":"0x)",
               R"("timestamp":"0x99999)", "timestamp"},
           Lie{"a receipt of nothing", "eth_getBlockReceipts", "efef", "0000",
               "found a receipt of transaction"},
           Lie{"no receipts", "eth_getBlockReceipts", "[{", R"([],[{)", ""},
           Lie{"a status of 7", "eth_getBlockReceipts", R"("status":"0x1")", R"("status":"0x7")",
               "neither 0 nor 1"},
           Lie{"logs that are none", "eth_getBlockReceipts", R"("logs":[])", R"("logs":7)",
               "no \"logs\""},
           Lie{"a trace of nothing", "trace_block", R"("transactionPosition":0)",
               R"("transactionPosition":9)", "trace of transaction 9"},
           Lie{"a trace of no kind", "trace_block", R"("type":"call")", R"("type":"wish")",
               "found \"wish\""},
       }) {
    SCOPED_TRACE(lie.name);
    node_.tamper = [&](const std::string& method, std::string* result) {
      // Of block 3 alone.
      if (method == lie.method && absl::StrContains(*result, Hash(3).substr(0, 30))) {
        *result = absl::StrReplaceAll(*result, {{lie.what, lie.by}});
      }
    };
    MemoryLedger ledger(EthereumChainInfo("test", "ETH"));
    const auto report = Ingest(&ledger);
    EXPECT_FALSE(report.ok());
    EXPECT_TRUE(absl::StrContains(report.status().message(), lie.says)) << report.status();
    EXPECT_LT(report.status().message().size(), 1000u);
    // What came before is there, or nothing.
    EXPECT_TRUE(!ledger.tip().has_value() || ledger.tip()->height <= 2);
  }
}

TEST_F(EthereumNode, ThatBreaksOffHangsOrFloodsIsLeft) {
  struct Case {
    const char* name;
    HttpResponse response;
    absl::StatusCode code;
  };
  HttpResponse half = HttpOk(R"([{"jsonrpc":"2.0","id":1,"result":"0x1"}])");
  half.bytes.resize(half.bytes.size() - 10);
  half.close = true;
  HttpResponse hang;
  hang.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[";
  hang.hang = true;
  HttpResponse flood;
  flood.bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n" + std::string(100000, '[');
  flood.repeat = true;
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "[";
  for (const Case& c :
       {Case{"half a body", half, absl::StatusCode::kUnavailable},
        Case{"nothing more", hang, absl::StatusCode::kUnavailable},
        Case{"without end", flood, absl::StatusCode::kResourceExhausted},
        Case{"too deep", HttpOk(deep), absl::StatusCode::kDataLoss},
        Case{"no JSON", HttpOk("<html>"), absl::StatusCode::kDataLoss},
        Case{"broken UTF-8", HttpOk("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\xc3\x28\"}]"),
             absl::StatusCode::kDataLoss},
        Case{"an answer to something else", HttpOk(R"([{"id":77,"result":"0x1"}])"),
             absl::StatusCode::kDataLoss},
        Case{"no list", HttpOk("{}"), absl::StatusCode::kDataLoss},
        Case{"busy", HttpError(503), absl::StatusCode::kUnavailable}}) {
    SCOPED_TRACE(c.name);
    node_.instead = [&](const HttpServer::Request&) { return c.response; };
    const auto begun = std::chrono::steady_clock::now();
    const auto report = Ingest(&ledger_);
    EXPECT_EQ(report.status().code(), c.code) << report.status();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
    EXPECT_FALSE(ledger_.tip().has_value());
  }
}

TEST_F(EthereumNode, IsFollowed) {
  ethereum::NodeClient::Options client;
  client.url = node_.url();
  std::atomic<bool> stop = false;
  client.stop = [&] { return stop.load(); };
  const auto connected = ethereum::NodeClient::Create(client);
  EthereumNodeOptions options;
  options.follow = true;
  options.stop = client.stop;
  int added = 0;
  int taken_back = 0;
  options.event = [&](const NodeEvent& event) {
    added += event.kind == NodeEvent::Kind::kAdded ? 1 : 0;
    taken_back += event.kind == NodeEvent::Kind::kTakenBack ? 1 : 0;
    if (event.kind != NodeEvent::Kind::kAdded) return;
    if (event.block.height == 5 && taken_back == 0) node_.height = 7;
    if (event.block.height == 7 && taken_back == 0) {
      node_.branch = 2;
      node_.fork = 6;
    } else if (event.block.height == 7) {
      stop = true;
    }
  };
  const auto report = IngestFromNode(connected->get(), &ledger_, options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(added, 6 + 2 + 2);
  EXPECT_EQ(taken_back, 1);
  EXPECT_EQ(ledger_.tip()->height, 7u);
}

}  // namespace
}  // namespace spoor
