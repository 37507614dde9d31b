#include "spoor/bitcoin/node.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simdjson.h"
#include "tests/bitcoin/block_files.h"
#include "tests/real_data.h"
#include "tests/support/core_oracle.h"
#include "tests/support/fake_node.h"

namespace spoor::bitcoin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Clock = std::chrono::steady_clock;

constexpr auto kTimeout = std::chrono::milliseconds(500);

std::unique_ptr<NodeClient> Client(const std::string& url, const std::string& cookie = "") {
  NodeClient::Options options;
  options.url = url;
  options.cookie_file = cookie;
  options.timeout = kTimeout;
  auto client = NodeClient::Create(options);
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

std::string WithPassword(const std::string& url, const std::string& user_and_password) {
  return absl::StrCat("http://", user_and_password, "@", url.substr(7));
}

std::vector<BlockHash> Hashes(const TestChain& chain) {
  std::vector<BlockHash> hashes;
  for (const TestBlock& block : chain.blocks()) hashes.push_back(block.hash);
  return hashes;
}

TEST(NodeClient, ReadsAChain) {
  TestChain chain;
  chain.AddEmpty(700);
  FakeNode node;
  node.SetChain(chain.blocks());
  const auto client = Client(node.url());
  const auto where = client->Chain();
  ASSERT_TRUE(where.ok()) << where.status();
  EXPECT_EQ(where->name, "regtest");
  EXPECT_EQ(where->genesis, chain.at(0).hash);
  EXPECT_EQ(where->height, 700u);
  EXPECT_EQ(where->best, chain.tip().hash);
  EXPECT_FALSE(where->pruned_below.has_value());
  EXPECT_EQ(client->BestBlock().value(), chain.tip().hash);

  std::vector<uint32_t> heights;
  for (uint32_t height = 0; height <= 700; ++height) heights.push_back(height);
  const std::vector<BlockHash> hashes = Hashes(chain);
  EXPECT_EQ(client->BlockHashes(heights).value(), hashes);
  EXPECT_EQ(client->BlockHashes({701}).status().code(), absl::StatusCode::kNotFound);

  // All of them, in few requests.
  size_t requests = 0;
  for (size_t done = 0; done < hashes.size(); ++requests) {
    const auto blocks = client->Blocks(absl::MakeSpan(hashes).subspan(done));
    ASSERT_TRUE(blocks.ok()) << blocks.status();
    ASSERT_FALSE(blocks->empty());
    for (const Bytes& block : *blocks) ASSERT_EQ(block, chain.at(done++).bytes);
  }
  EXPECT_LE(requests, 4u);
}

TEST(NodeClient, RefusesUrlsThatAreNone) {
  for (const std::string url :
       {"", "http://", "ftp://user:secret@127.0.0.1:1", "http://user:secret@127.0.0.1",
        "http://user:secret@127.0.0.1:99999", "http://user:secret@ :8332", "user:secret@"}) {
    SCOPED_TRACE(url);
    NodeClient::Options options;
    options.url = url;
    const auto client = NodeClient::Create(options);
    EXPECT_EQ(client.status().code(), absl::StatusCode::kInvalidArgument) << client.status();
    EXPECT_THAT(client.status().ToString(), Not(HasSubstr("secret")));
  }
}

TEST(NodeClient, ReadsCookieFiles) {
  const TempDir dir;
  NodeClient::Options options;
  options.url = "http://127.0.0.1:1";
  options.cookie_file = dir / "cookie";
  EXPECT_EQ(NodeClient::Create(options).status().code(), absl::StatusCode::kNotFound);
  for (const std::string& content :
       {std::string(), std::string("secret"), std::string(5000, 'a')}) {
    WriteFile(dir / "cookie", AsBytes(content));
    const auto client = NodeClient::Create(options);
    EXPECT_EQ(client.status().code(), absl::StatusCode::kDataLoss) << client.status();
    EXPECT_THAT(client.status().ToString(), Not(HasSubstr("secret")));
  }
  options.cookie_file = dir.path();  // a directory
  EXPECT_FALSE(NodeClient::Create(options).ok());
}

// A node that is started anew writes another cookie.
TEST(NodeClient, ReadsTheCookieAgain) {
  const TempDir dir;
  TestChain chain;
  FakeNode node;
  node.SetChain(chain.blocks());
  std::mutex mutex;
  std::string wanted;  // "user:password" in base64
  node.instead = [&](const HttpServer::Request& request) -> std::optional<HttpResponse> {
    const std::lock_guard<std::mutex> lock(mutex);
    const bool right = request.head.find("Authorization: Basic " + wanted) != std::string::npos;
    return right ? std::nullopt : std::optional(HttpError(401));
  };
  const auto expect = [&](const std::string& base64) {
    const std::lock_guard<std::mutex> lock(mutex);
    wanted = base64;
  };
  WriteFile(dir / "cookie", AsBytes("__cookie__:first\n"));
  const auto client = Client(node.url(), dir / "cookie");
  expect("X19jb29raWVfXzpmaXJzdA==");
  EXPECT_TRUE(client->BestBlock().ok());
  expect("X19jb29raWVfXzpzZWNvbmQ=");
  EXPECT_EQ(client->BestBlock().status().code(), absl::StatusCode::kPermissionDenied);
  WriteFile(dir / "cookie", AsBytes("__cookie__:second"));
  EXPECT_TRUE(client->BestBlock().ok());
  // Between the end of one node and the beginning of the next there is none.
  expect("X19jb29raWVfXzp0aGlyZA==");
  std::filesystem::remove(dir / "cookie");
  EXPECT_EQ(client->BestBlock().status().code(), absl::StatusCode::kUnavailable);
  // From the URL, with what must be escaped in it.
  expect("dXNlcjpwQHNzOndvcmQ=");  // user:p@ss:word
  EXPECT_TRUE(Client(WithPassword(node.url(), "user:p%40ss%3Aword"))->BestBlock().ok());
}

struct Misdeed {
  const char* name;
  HttpResponse response;
  absl::StatusCode code;
  const char* says;
};

// Ids count from 1.
std::string Answer(const std::string& result, const std::string& id = "1") {
  return absl::StrCat(R"([{"result":)", result, R"(,"error":null,"id":)", id, "}]");
}
HttpResponse NodeError(int code) {
  return HttpOk(absl::StrCat(R"([{"result":null,"error":{"code":)", code,
                             R"(,"message":"as \u0007 it says"},"id":1}])"));
}
std::string Repeat(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(NodeClient, IsNotHurtByBadNodes) {
  const std::string hash(64, 'a');
  const HttpResponse whole = HttpOk(Answer("\"" + hash + "\""));
  HttpResponse huge = HttpOk(std::string(1 << 20, ' '));
  HttpResponse headers{"HTTP/1.1 200 OK\r\nX: " + std::string(1000, 'x') + "\r\n"};
  headers.repeat = true;
  std::vector<Misdeed> misdeeds = {
      {"wrong password", HttpError(401), absl::StatusCode::kPermissionDenied, "cookie"},
      {"forbidden", HttpError(403), absl::StatusCode::kPermissionDenied, "rpcallowip"},
      {"not found", HttpError(404), absl::StatusCode::kFailedPrecondition, "404"},
      {"a redirection",
       {"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n"},
       absl::StatusCode::kFailedPrecondition,
       "302"},
      {"its own error", HttpError(500), absl::StatusCode::kUnavailable, "500"},
      {"busy", HttpError(503), absl::StatusCode::kUnavailable, "503"},
      {"starting", NodeError(-28), absl::StatusCode::kUnavailable, "starting"},
      {"no such method", NodeError(-32601), absl::StatusCode::kFailedPrecondition, "-32601"},
      {"no such block", NodeError(-5), absl::StatusCode::kNotFound, "as"},
      {"nothing", {"", true}, absl::StatusCode::kUnavailable, ""},
      {"no answer", {"", false, false, true}, absl::StatusCode::kUnavailable, ""},
      {"half a body",
       {whole.bytes.substr(0, whole.bytes.size() - 20), true},
       absl::StatusCode::kUnavailable,
       ""},
      {"half a body, then no more",
       {whole.bytes.substr(0, whole.bytes.size() - 20), false, false, true},
       absl::StatusCode::kUnavailable,
       ""},
      {"another protocol", {"SSH-2.0-OpenSSH_9.2\r\n", true}, absl::StatusCode::kUnavailable, ""},
      {"headers without end", headers, absl::StatusCode::kUnavailable, ""},
      {"too large", huge, absl::StatusCode::kDataLoss, "bytes"},
      {"an empty body", HttpOk(""), absl::StatusCode::kDataLoss, "JSON"},
      {"a page", HttpOk("<html>hello</html>"), absl::StatusCode::kDataLoss, "JSON"},
      {"cut off JSON", HttpOk(Answer("\"" + hash).substr(0, 40)), absl::StatusCode::kDataLoss,
       "JSON"},
      {"bad UTF-8", HttpOk(Answer("\"\xff\xfe\"")), absl::StatusCode::kDataLoss, "JSON"},
      {"deep lists", HttpOk(Repeat("[", 60'000)), absl::StatusCode::kDataLoss, "values"},
      {"long lists", HttpOk("[" + Repeat("0,", 30'000)), absl::StatusCode::kDataLoss, "values"},
      {"a number", HttpOk("5"), absl::StatusCode::kDataLoss, "list"},
      {"an object", HttpOk("{}"), absl::StatusCode::kDataLoss, "error"},
      {"an empty list", HttpOk("[]"), absl::StatusCode::kDataLoss, "0 answers"},
      {"a list of numbers", HttpOk("[1]"), absl::StatusCode::kDataLoss, "id"},
      {"another id", HttpOk(Answer("\"" + hash + "\"", "2")), absl::StatusCode::kDataLoss, "id 2"},
      {"no id", HttpOk(Answer("\"" + hash + "\"", "null")), absl::StatusCode::kDataLoss, "id"},
      {"two answers",
       HttpOk("[" + Answer("1").substr(1, Answer("1").size() - 2) + "," + Answer("1").substr(1)),
       absl::StatusCode::kDataLoss, "id 1"},
      {"no result", HttpOk(R"([{"id":1}])"), absl::StatusCode::kDataLoss, "result"},
      {"no text", HttpOk(Answer("null")), absl::StatusCode::kDataLoss, "hash"},
      {"a short hash", HttpOk(Answer("\"" + hash.substr(1) + "\"")), absl::StatusCode::kDataLoss,
       "hash"},
  };
  for (const Misdeed& misdeed : misdeeds) {
    SCOPED_TRACE(misdeed.name);
    HttpServer server([&](const auto&) { return misdeed.response; });
    const auto begun = Clock::now();
    const auto best = Client(WithPassword(server.url(), "user:secret"))->BestBlock();
    EXPECT_EQ(best.status().code(), misdeed.code) << best.status();
    EXPECT_THAT(best.status().ToString(), HasSubstr(misdeed.says));
    EXPECT_THAT(best.status().ToString(), HasSubstr(server.url()));
    EXPECT_THAT(best.status().ToString(), Not(HasSubstr("secret")));
    EXPECT_LT(Clock::now() - begun, 20 * kTimeout);
  }
  // Nobody there at all.
  std::string url;
  {
    url = HttpServer([](const auto&) { return HttpOk(""); }).url();
  }
  const auto best = Client(WithPassword(url, "user:secret"))->BestBlock();
  EXPECT_EQ(best.status().code(), absl::StatusCode::kUnavailable) << best.status();
  EXPECT_THAT(best.status().ToString(), HasSubstr("is it running"));
  EXPECT_THAT(best.status().ToString(), Not(HasSubstr("secret")));
}

TEST(NodeClient, TakesNoBlockButTheOneItAskedFor) {
  TestChain chain;
  chain.AddEmpty(5);
  const std::string other = ToHex(chain.at(3).bytes);
  struct Lie {
    const char* name;
    std::string result;
    const char* says;
  };
  for (const Lie& lie :
       {Lie{"another block", "\"" + other + "\"", "wanted"},
        Lie{"an odd number of digits", "\"" + other.substr(1) + "\"", "even"},
        Lie{"no digits", "\"" + std::string(400, 'x') + "\"", "hexadecimal"},
        Lie{"less than a header", "\"" + other.substr(0, 158) + "\"", "79 bytes"},
        Lie{"nothing", "\"\"", "0 bytes"}, Lie{"null", "null", "hexadecimal"},
        Lie{"an object", "{\"hash\":\"00\"}", "hexadecimal"},
        Lie{"more than any block", "\"" + std::string(18 << 20, '0') + "\"", "bytes"}}) {
    SCOPED_TRACE(lie.name);
    FakeNode node;
    node.SetChain(chain.blocks());
    node.tamper = [&](const std::string& method, std::string* result) {
      if (method == "getblock") *result = lie.result;
    };
    const auto blocks = Client(node.url())->Blocks({chain.at(2).hash});
    EXPECT_EQ(blocks.status().code(), absl::StatusCode::kDataLoss) << blocks.status();
    EXPECT_THAT(blocks.status().message(), HasSubstr(lie.says));
  }
}

TEST(NodeClient, AsksForOneBlockWhereManyAreTooLarge) {
  TestChain chain;
  chain.AddEmpty(40);
  FakeNode node;
  node.SetChain(chain.blocks());
  node.instead = [](const HttpServer::Request& request) -> std::optional<HttpResponse> {
    const std::vector<std::string> parts = absl::StrSplit(request.body, "\"getblock\"");
    if (parts.size() == 2) return std::nullopt;
    return HttpOk(std::string(18 << 20, ' '));
  };
  const auto client = Client(node.url());
  const std::vector<BlockHash> hashes = Hashes(chain);
  for (size_t done = 0; done < 5;) {
    const auto blocks = client->Blocks(absl::MakeSpan(hashes).subspan(done));
    ASSERT_TRUE(blocks.ok()) << blocks.status();
    ASSERT_EQ(blocks->size(), 1u);
    EXPECT_EQ((*blocks)[0], chain.at(done++).bytes);
  }
}

TEST(NodeClient, StopsWhenTold) {
  HttpServer server([](const auto&) { return HttpResponse{"", false, false, true}; });
  NodeClient::Options options;
  options.url = server.url();
  const auto begun = Clock::now();
  options.stop = [&] { return Clock::now() - begun > std::chrono::milliseconds(100); };
  const auto client = NodeClient::Create(options).value();
  EXPECT_EQ(client->BestBlock().status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(5));
}

// Bitcoin Core's own answers to `getblock HASH 3`, held against its undo records.
TEST(NodeClient, ReadsWhatInputsSpend) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/regtest-taproot");
  const Network& network = GetNetwork(NetworkId::kRegtest);
  const auto directory = BlockDirectory::Open(folder + "/blocks", network).value();
  std::map<std::string, BlockRecord> records;
  const ScanResult scan = ScanAll(directory.get()).value();
  for (const BlockRecord& record : scan.records) {
    records[ToText(record.hash)] = record;
  }
  FakeNode node;
  simdjson::dom::parser parser;
  std::vector<BlockHash> hashes;
  const std::string lines = Gunzip(folder + "/getblock-verbosity3.jsonl.gz");
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const std::string hash = Text(parser.parse(line.data(), line.size())["hash"]);
    node.SetVerbose(hash, std::string(line));
    hashes.push_back(FromText<BlockHash>(hash).value());
  }
  const auto client = Client(node.url());
  Bytes bytes;
  Bytes undo_bytes;
  Bytes buffer;
  size_t spends = 0;
  for (const BlockHash& hash : hashes) {
    const BlockRecord& record = records.at(ToText(hash));
    ASSERT_TRUE(directory->ReadBlock(record, &bytes).ok());
    Block block = DecodeBlock(network, bytes).value();
    const auto undo = directory->ReadUndo(record, block, &undo_bytes);
    ASSERT_TRUE(undo.ok()) << undo.status();
    const auto spent = client->ReadSpent(block, &buffer);
    ASSERT_TRUE(spent.ok()) << spent.status();
    ASSERT_EQ(spent->size(), undo->size());
    for (size_t t = 0; t < spent->size(); ++t) {
      ASSERT_EQ((*spent)[t].size(), (*undo)[t].size());
      for (size_t i = 0; i < (*spent)[t].size(); ++i, ++spends) {
        EXPECT_EQ((*spent)[t][i].value, (*undo)[t][i].value);
        EXPECT_EQ((*spent)[t][i].script_pubkey, (*undo)[t][i].script_pubkey);
      }
    }
    if (spent->empty()) continue;
    // Of another block than the one in hand.
    std::swap(block.transactions[0], block.transactions[1]);
    EXPECT_EQ(client->ReadSpent(block, &buffer).status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(spends, 26u);
}

TEST(NodeClient, SaysWhereSpentOutputsAreNotTold) {
  TestChain chain;
  chain.AddEmpty(1);
  const Payment payment{{chain.at(1).reward}, {{1, PartyScript(1)}}};
  const TestBlock& tip = chain.Add({payment});
  FakeNode node;
  node.SetChain(chain.blocks());
  const Block block = DecodeBlock(GetNetwork(NetworkId::kRegtest), tip.bytes).value();
  const auto client = Client(node.url());
  Bytes buffer;
  EXPECT_EQ(client->ReadSpent(block, &buffer).status().code(), absl::StatusCode::kNotFound);
  // As nodes answer that do not know of verbosity 3, and as bad ones might.
  struct Case {
    std::string input;
    absl::StatusCode code;
  };
  for (const Case& c :
       {Case{R"({"vout":0})", absl::StatusCode::kNotFound},
        Case{R"({"prevout":{}})", absl::StatusCode::kDataLoss},
        Case{R"({"prevout":{"value":"1.000000001","scriptPubKey":{"hex":""}}})",
             absl::StatusCode::kDataLoss},
        Case{R"({"prevout":{"value":1e3,"scriptPubKey":{"hex":""}}})", absl::StatusCode::kDataLoss},
        Case{R"({"prevout":{"value":-1,"scriptPubKey":{"hex":""}}})", absl::StatusCode::kDataLoss},
        Case{R"({"prevout":{"value":84000000.1,"scriptPubKey":{"hex":""}}})",
             absl::StatusCode::kDataLoss},
        Case{R"({"prevout":{"value":1.1,"scriptPubKey":{"hex":"0"}}})",
             absl::StatusCode::kDataLoss},
        Case{R"({"prevout":{"value":1.1,"scriptPubKey":{"hex":"00"}}})", absl::StatusCode::kOk}}) {
    SCOPED_TRACE(c.input);
    node.SetVerbose(ToText(tip.hash), absl::StrCat(R"({"tx":[{},{"txid":")", ToText(payment.txid()),
                                                   R"(","vin":[)", c.input, "]}]}"));
    const auto spent = client->ReadSpent(block, &buffer);
    EXPECT_EQ(spent.status().code(), c.code) << spent.status();
    if (!spent.ok()) continue;
    EXPECT_EQ((*spent)[0][0].value.sat(), 110'000'000u);
  }
}

}  // namespace
}  // namespace spoor::bitcoin
