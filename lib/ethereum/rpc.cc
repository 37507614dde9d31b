#include "lib/ethereum/rpc.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::ethereum {
namespace {

// Calls nest, each in a list of its caller's: 1,024 deep.
constexpr size_t kMostDepth = 2'400;
constexpr size_t kMostQuoted = 200;

absl::Status Bad(absl::string_view found, absl::string_view wanted) {
  return absl::DataLossError(absl::StrCat("found ", found, ", wanted ", wanted));
}

absl::string_view View(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

// JSON-RPC 2.0, and what providers say instead.
absl::Status NodeError(const JsonValue& error, const std::string& method) {
  int64_t code = 0;
  if (error["code"].get(code) != simdjson::SUCCESS) code = 0;
  std::string_view message = "no text";
  if (error["message"].get(message) != simdjson::SUCCESS) message = "no text";
  const std::string said = absl::StrCat("it answers ", method, " with error ", code, ": ",
                                        View(message).substr(0, kMostQuoted));
  constexpr int64_t kNoSuchMethod = -32601;
  constexpr int64_t kNotSupported = -32004;
  const std::string lower = absl::AsciiStrToLower(View(message));
  if (code == kNoSuchMethod || code == kNotSupported || absl::StrContains(lower, "not supported") ||
      absl::StrContains(lower, "does not exist") || absl::StrContains(lower, "not available")) {
    return absl::UnimplementedError(said);
  }
  return absl::FailedPreconditionError(said);
}

}  // namespace

absl::StatusOr<std::vector<absl::StatusOr<JsonValue>>> RpcClient::Call(
    absl::Span<const RpcCall> calls, size_t most_bytes) {
  const uint64_t first_id = next_id_;
  next_id_ += calls.size();
  std::string body = "[";
  for (size_t i = 0; i < calls.size(); ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", R"({"jsonrpc":"2.0","id":)", first_id + i,
                    R"(,"method":")", calls[i].method, R"(","params":)", calls[i].params, "}");
  }
  body += "]";
  SPOOR_ASSIGN_OR_RETURN(reply_, http_->Post(body, most_bytes));
  if (parser_.max_depth() < kMostDepth &&
      parser_.allocate(reply_.size() + 64, kMostDepth) != simdjson::SUCCESS) {
    return absl::ResourceExhaustedError("no memory for a reply of the node");
  }
  const auto parsed = [&]() -> absl::StatusOr<std::vector<absl::StatusOr<JsonValue>>> {
    JsonValue reply;
    if (const auto error = parser_.parse(reply_).get(reply); error != simdjson::SUCCESS) {
      return Bad(absl::StrCat("a reply of ", reply_.size(), " bytes that is no JSON (",
                              simdjson::error_message(error), ")"),
                 "the answers to a list of calls");
    }
    simdjson::dom::array answers;
    if (reply.get(answers) != simdjson::SUCCESS) {
      JsonValue error;
      if (reply["error"].get(error) == simdjson::SUCCESS)
        return NodeError(error, "a list of calls");
      return Bad("a reply that is no list", "the answers to a list of calls");
    }
    std::vector<absl::StatusOr<JsonValue>> results(calls.size(), absl::UnknownError(""));
    size_t answered = 0;
    for (const JsonValue answer : answers) {
      uint64_t id = 0;
      if (answer["id"].get(id) != simdjson::SUCCESS || id < first_id ||
          id - first_id >= calls.size() || !absl::IsUnknown(results[id - first_id].status())) {
        return Bad("an answer to no call, or to one twice", "one to each");
      }
      JsonValue value;
      const size_t call = id - first_id;
      ++answered;
      if (HasField(answer, "error") && answer["error"].get(value) == simdjson::SUCCESS) {
        results[call] = NodeError(value, calls[call].method);
      } else if (answer["result"].get(value) == simdjson::SUCCESS) {
        results[call] = value;
      } else {
        return Bad("an answer without result and error", "one of them");
      }
    }
    if (answered != calls.size()) {
      return Bad(absl::StrCat(answered, " answers"), absl::StrCat(calls.size()));
    }
    return results;
  };
  auto results = parsed();
  if (!results.ok()) return Annotated(results.status());
  return results;
}

absl::StatusOr<absl::string_view> TextField(const JsonValue& object, const char* name) {
  std::string_view text;
  if (object[name].get(text) == simdjson::SUCCESS) return View(text);
  return absl::DataLossError(absl::StrCat("found no \"", name, "\" with a text"));
}

absl::StatusOr<simdjson::dom::array> ListField(const JsonValue& object, const char* name) {
  simdjson::dom::array list;
  if (object[name].get(list) == simdjson::SUCCESS) return list;
  return absl::DataLossError(absl::StrCat("found no \"", name, "\" with a list"));
}

bool HasField(const JsonValue& object, const char* name) {
  JsonValue value;
  return object[name].get(value) == simdjson::SUCCESS && !value.is_null();
}

}  // namespace spoor::ethereum
