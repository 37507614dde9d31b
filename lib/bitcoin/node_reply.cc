#include "lib/bitcoin/node_reply.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/error/en.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

using rapidjson::SizeType;
using rapidjson::Value;

// How much of a node's own words goes into a message.
constexpr size_t kMostQuoted = 200;

// Builds a document of so many values at most.
class BoundedHandler {
 public:
  BoundedHandler(rapidjson::Document* document, size_t most) : to_(*document), left_(most) {}

  bool Null() { return Take() && to_.Null(); }
  bool Bool(bool b) { return Take() && to_.Bool(b); }
  // Numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* s, SizeType n, bool copy) {
    return Take() && to_.RawNumber(s, n, copy);
  }
  bool String(const char* s, SizeType n, bool copy) { return Take() && to_.String(s, n, copy); }
  bool StartObject() { return Take() && to_.StartObject(); }
  bool Key(const char* s, SizeType n, bool copy) { return Take() && to_.Key(s, n, copy); }
  bool EndObject(SizeType n) { return to_.EndObject(n); }
  bool StartArray() { return Take() && to_.StartArray(); }
  bool EndArray(SizeType n) { return to_.EndArray(n); }

 private:
  bool Take() { return left_-- > 0; }

  rapidjson::Document& to_;
  size_t left_;
};

absl::string_view Quoted(const Value& value) {
  if (!value.IsString()) return "no text";
  return absl::string_view(value.GetString(), value.GetStringLength()).substr(0, kMostQuoted);
}

absl::Status Bad(absl::string_view found, absl::string_view wanted) {
  return absl::DataLossError(absl::StrCat("found ", found, ", wanted ", wanted));
}

// Found in a reply where a `wanted` belongs.
absl::Status BadField(const Value& value, absl::string_view wanted) {
  if (!value.IsString()) return Bad("something that is no text", wanted);
  return Bad(absl::StrCat("\"", Quoted(value).substr(0, 80), "\""), wanted);
}

// Bitcoin Core, src/rpc/protocol.h.
absl::Status NodeError(const Value& error, const char* method) {
  const auto code = Member(error, "code");
  const auto message = Member(error, "message");
  const auto number = code.ok() ? TextOf(**code) : absl::StatusOr<absl::string_view>("?");
  const absl::string_view text = number.ok() ? *number : "?";
  const std::string said = absl::StrCat("it answers ", method, " with error ", text, ": ",
                                        message.ok() ? Quoted(**message) : "no text");
  if (text == "-28") return absl::UnavailableError(absl::StrCat("it is starting; ", said));
  // No such block; no such height; its bytes are not there (any more).
  if (text == "-5" || text == "-8" || text == "-1") return absl::NotFoundError(said);
  return absl::FailedPreconditionError(said);
}

}  // namespace

std::string EncodeCalls(uint64_t first_id, absl::Span<const RpcCall> calls) {
  std::string body = "[";
  for (size_t i = 0; i < calls.size(); ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", R"({"jsonrpc":"1.0","id":)", first_id + i,
                    R"(,"method":")", calls[i].method, R"(","params":)", calls[i].params, "}");
  }
  return absl::StrCat(body, "]");
}

absl::StatusOr<RpcReplies> RpcReplies::Parse(absl::string_view json, uint64_t first_id,
                                             absl::Span<const RpcCall> calls, size_t most_values) {
  RpcReplies replies;
  rapidjson::ParseResult parsed;
  // Populate() puts the document in order also where the parse fails.
  const auto generate = [&](rapidjson::Document& document) {
    constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag |
                                rapidjson::kParseIterativeFlag |
                                rapidjson::kParseValidateEncodingFlag;
    BoundedHandler handler(&document, most_values);
    rapidjson::MemoryStream stream(json.data(), json.size());
    rapidjson::Reader reader;
    parsed = reader.Parse<kFlags>(stream, handler);
    return !parsed.IsError();
  };
  replies.document_.Populate(generate);
  if (parsed.Code() == rapidjson::kParseErrorTermination) {
    return absl::DataLossError(absl::StrCat("the reply has more than ", most_values,
                                            " values, too many for ", calls.size(), " calls"));
  }
  if (parsed.IsError()) {
    return absl::DataLossError(absl::StrCat("the reply is no JSON: at byte ", parsed.Offset(),
                                            " of ", json.size(), ": ",
                                            rapidjson::GetParseError_En(parsed.Code())));
  }
  const Value& list = replies.document_;
  if (list.IsObject()) {
    // Of the batch as a whole.
    SPOOR_ASSIGN_OR_RETURN(const Value* error, Member(list, "error"));
    return NodeError(*error, "a list of calls");
  }
  if (!list.IsArray()) return Bad("a reply that is no list", "the answers to a list of calls");
  replies.results_.resize(calls.size());
  std::vector<const Value*> errors(calls.size());
  for (const Value& answer : list.GetArray()) {
    SPOOR_ASSIGN_OR_RETURN(const Value* id, Member(answer, "id"));
    uint64_t number = 0;
    if (!id->IsString() || !absl::SimpleAtoi(Quoted(*id), &number) || number < first_id ||
        number - first_id >= calls.size() || replies.results_[number - first_id] != nullptr) {
      return Bad(absl::StrCat("an answer with id ", Quoted(*id)),
                 absl::StrCat("one each from ", first_id, " to ", first_id + calls.size() - 1));
    }
    const size_t call = number - first_id;
    const auto error = answer.FindMember("error");
    if (error != answer.MemberEnd() && !error->value.IsNull()) errors[call] = &error->value;
    const auto result = answer.FindMember("result");
    // JSON-RPC 2.0 leaves the result out beside an error.
    replies.results_[call] = result != answer.MemberEnd() ? &result->value : &answer;
    if (result == answer.MemberEnd() && errors[call] == nullptr) {
      return Bad("an answer without result and error", "one of them");
    }
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    if (replies.results_[i] == nullptr) {
      return Bad(absl::StrCat(list.Size(), " answers"), absl::StrCat(calls.size()));
    }
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    if (errors[i] != nullptr) return NodeError(*errors[i], calls[i].method);
  }
  return replies;
}

absl::StatusOr<const Value*> Member(const Value& object, const char* name) {
  if (object.IsObject()) {
    const auto member = object.FindMember(name);
    if (member != object.MemberEnd()) return &member->value;
  }
  return absl::DataLossError(absl::StrCat("the reply has no \"", name, "\" where one belongs"));
}

absl::StatusOr<absl::string_view> TextOf(const Value& value) {
  if (!value.IsString()) return BadField(value, "a text");
  return absl::string_view(value.GetString(), value.GetStringLength());
}

absl::StatusOr<BlockHash> HashOf(const Value& value) {
  const auto text = TextOf(value);
  const auto hash = text.ok() ? FromText<BlockHash>(*text) : text.status();
  if (!hash.ok()) return BadField(value, "a hash of 64 hexadecimal digits");
  return hash;
}

absl::StatusOr<uint32_t> NumberOf(const Value& value) {
  const auto text = TextOf(value);
  uint32_t number = 0;
  if (!text.ok() || text->empty() || !absl::ascii_isdigit(static_cast<uint8_t>((*text)[0])) ||
      !absl::SimpleAtoi(*text, &number)) {
    return BadField(value, "a whole number");
  }
  return number;
}

absl::StatusOr<Bytes> BytesOf(const Value& value) {
  const auto text = TextOf(value);
  if (!text.ok()) return BadField(value, "hexadecimal digits");
  auto bytes = FromHex(*text);
  if (!bytes.ok()) {
    return Bad(absl::StrCat(text->size(), " characters beginning \"", text->substr(0, 16), "\""),
               "an even number of hexadecimal digits");
  }
  return bytes;
}

absl::StatusOr<Amount> AmountOf(const Value& value) {
  constexpr size_t kDecimals = 8;
  const auto text = TextOf(value);
  const auto bad = [&] { return BadField(value, "coins with at most 8 digits after the point"); };
  if (!text.ok()) return bad();
  std::string digits(text->substr(0, text->find('.')));
  std::string decimals;
  if (digits.size() < text->size()) decimals = std::string(text->substr(digits.size() + 1));
  if (digits.empty() || decimals.size() > kDecimals) return bad();
  decimals.resize(kDecimals, '0');
  digits += decimals;
  uint64_t units = 0;
  if (digits.find_first_not_of("0123456789") != std::string::npos ||
      !absl::SimpleAtoi(digits, &units)) {
    return bad();
  }
  auto amount = Amount::FromSat(units);
  if (!amount.ok()) return bad();
  return amount;
}

absl::StatusOr<std::vector<std::vector<TxOut>>> SpentOf(const Value& result, const Block& block,
                                                        Bytes* arena) {
  SPOOR_ASSIGN_OR_RETURN(const Value* transactions, Member(result, "tx"));
  if (!transactions->IsArray() || transactions->Size() != block.transactions.size()) {
    return Bad("another list of transactions",
               absl::StrCat("the block's ", block.transactions.size()));
  }
  std::vector<std::vector<TxOut>> spent(block.transactions.size() - 1);
  // Where in the arena each script ends: it moves while it grows.
  std::vector<size_t> ends;
  arena->clear();
  for (size_t t = 1; t < block.transactions.size(); ++t) {
    const Transaction& tx = block.transactions[t];
    const Value& said = (*transactions)[static_cast<SizeType>(t)];
    SPOOR_ASSIGN_OR_RETURN(const Value* txid, Member(said, "txid"));
    if (Quoted(*txid) != ToText(tx.txid)) return BadField(*txid, ToText(tx.txid));
    SPOOR_ASSIGN_OR_RETURN(const Value* inputs, Member(said, "vin"));
    if (!inputs->IsArray() || inputs->Size() != tx.inputs.size()) {
      return Bad("another list of inputs",
                 absl::StrCat("the ", tx.inputs.size(), " of ", ToText(tx.txid)));
    }
    for (const Value& input : inputs->GetArray()) {
      if (!input.IsObject() || !input.HasMember("prevout")) {
        return absl::NotFoundError("the node does not tell what inputs spend");
      }
      SPOOR_ASSIGN_OR_RETURN(const Value* prevout, Member(input, "prevout"));
      SPOOR_ASSIGN_OR_RETURN(const Value* value, Member(*prevout, "value"));
      SPOOR_ASSIGN_OR_RETURN(const Value* script, Member(*prevout, "scriptPubKey"));
      SPOOR_ASSIGN_OR_RETURN(const Value* hex, Member(*script, "hex"));
      SPOOR_ASSIGN_OR_RETURN(const Amount amount, AmountOf(*value));
      SPOOR_ASSIGN_OR_RETURN(const Bytes bytes, BytesOf(*hex));
      AppendBytes(bytes, arena);
      ends.push_back(arena->size());
      spent[t - 1].push_back({amount, ByteSpan()});
    }
  }
  size_t begin = 0;
  size_t next = 0;
  for (std::vector<TxOut>& outputs : spent) {
    for (TxOut& output : outputs) {
      output.script_pubkey = ByteSpan(*arena).subspan(begin, ends[next] - begin);
      begin = ends[next++];
    }
  }
  return spent;
}

}  // namespace spoor::bitcoin
