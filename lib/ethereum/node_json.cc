#include "lib/ethereum/node_json.h"

#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/ethereum/field_text.h"
#include "spoor/base/status_macros.h"
#include "spoor/ethereum/log.h"

namespace spoor::ethereum {
namespace {

using absl::string_view;

// The machine has no deeper calls; ours must not either.
constexpr size_t kMostDepth = 1'100;

// Each reads a field, which errors name.
template <typename T>
absl::Status Named(const char* name, absl::StatusOr<T> value, T* out) {
  if (!value.ok()) return Annotate(value.status(), name);
  *out = *std::move(value);
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadNumber(const JsonValue& json, const char* name, T* out) {
  SPOOR_ASSIGN_OR_RETURN(const string_view text, TextField(json, name));
  uint64_t number = 0;
  SPOOR_RETURN_IF_ERROR(Named(name, ParseNumber(text, NumberForm::kHex), &number));
  if (number > static_cast<uint64_t>(std::numeric_limits<T>::max())) {
    return Annotate(BadField(text, "a smaller number"), name);
  }
  *out = static_cast<T>(number);
  return absl::OkStatus();
}

absl::Status ReadUnits(const JsonValue& json, const char* name, Units* out) {
  SPOOR_ASSIGN_OR_RETURN(const string_view text, TextField(json, name));
  return Named(name, ParseUnits(text, NumberForm::kHex), out);
}

template <typename Hash>
absl::Status ReadHash(const JsonValue& json, const char* name, Hash* out) {
  SPOOR_ASSIGN_OR_RETURN(const string_view text, TextField(json, name));
  return Named(name, ParseHash<Hash>(text), out);
}

absl::Status ReadAddress(const JsonValue& json, const char* name, Address* out) {
  SPOOR_ASSIGN_OR_RETURN(const string_view text, TextField(json, name));
  return Named(name, ParseBytes<20>(text), out);
}

absl::Status ReadOptionalAddress(const JsonValue& json, const char* name,
                                 std::optional<Address>* out) {
  *out = std::nullopt;
  if (!HasField(json, name)) return absl::OkStatus();
  return ReadAddress(json, name, &out->emplace());
}

// Whatever is said of a block must be said of this one: the chain may have changed meanwhile.
absl::Status CheckBlock(const JsonValue& json, const BlockData& data) {
  BlockHash hash;
  SPOOR_RETURN_IF_ERROR(ReadHash(json, "blockHash", &hash));
  if (hash == data.header.hash) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("the node's chain changed at block ", data.header.number));
}

uint64_t IntrinsicGas(string_view input, bool creates) {
  uint64_t gas = 21'000 + (creates ? 32'000 : 0);
  for (size_t i = 2; i + 1 < input.size(); i += 2) {
    gas += input[i] == '0' && input[i + 1] == '0' ? 4 : 68;
  }
  return gas;
}

absl::Status ParseTransaction(const JsonValue& json, BlockData* data) {
  Transaction& tx = data->transactions.emplace_back();
  SPOOR_RETURN_IF_ERROR(CheckBlock(json, *data));
  SPOOR_RETURN_IF_ERROR(ReadHash(json, "hash", &tx.hash));
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "transactionIndex", &tx.index));
  if (tx.index + size_t{1} != data->transactions.size()) {
    return absl::DataLossError(
        absl::StrCat("found transaction ", tx.index, ", wanted ", data->transactions.size() - 1));
  }
  SPOOR_RETURN_IF_ERROR(ReadAddress(json, "from", &tx.from));
  SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(json, "to", &tx.to));
  SPOOR_RETURN_IF_ERROR(ReadUnits(json, "value", &tx.value));
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "nonce", &tx.nonce));
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "gas", &tx.gas));
  if (HasField(json, "type")) SPOOR_RETURN_IF_ERROR(ReadNumber(json, "type", &tx.type));
  SPOOR_ASSIGN_OR_RETURN(const string_view input, TextField(json, "input"));
  tx.intrinsic_gas = IntrinsicGas(input, !tx.to.has_value());
  return absl::OkStatus();
}

absl::Status ParseLog(const JsonValue& json, const Receipt& receipt, BlockData* data) {
  Log log;
  log.tx = receipt.hash;
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "logIndex", &log.index));
  SPOOR_RETURN_IF_ERROR(ReadAddress(json, "address", &log.address));
  SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array topics, ListField(json, "topics"));
  for (const JsonValue topic : topics) {
    std::string_view text;
    if (topic.get(text) != simdjson::SUCCESS || log.topics.size() == 4) {
      return absl::DataLossError("found no list of up to 4 topics");
    }
    SPOOR_ASSIGN_OR_RETURN(const Digest256 digest,
                           ParseBytes<32>(string_view(text.data(), text.size())));
    log.topics.push_back(digest);
    if (!IsTokenTopic(log.topics[0])) return absl::OkStatus();
  }
  SPOOR_ASSIGN_OR_RETURN(const string_view bytes, TextField(json, "data"));
  log.data.resize(bytes.size() < 2 ? 0 : bytes.size() / 2 - 1);
  if (bytes.size() % 2 != 0 || !ParseHex(bytes, absl::MakeSpan(log.data))) {
    return Annotate(BadField(bytes, "bytes, 0x and hexadecimal digits"), "data");
  }
  DecodeTokenEvents(log, &data->tokens);
  return absl::OkStatus();
}

absl::Status ParseParityTrace(const JsonValue& json, BlockData* data) {
  Trace trace;
  SPOOR_RETURN_IF_ERROR(CheckBlock(json, *data));
  SPOOR_ASSIGN_OR_RETURN(const string_view type, TextField(json, "type"));
  JsonValue action;
  if (json["action"].get(action) != simdjson::SUCCESS) {
    return absl::DataLossError("found no \"action\"");
  }
  const bool reward = type == "reward";
  uint64_t position = 0;
  if (json["transactionPosition"].get(position) == simdjson::SUCCESS &&
      position < std::numeric_limits<uint32_t>::max()) {
    trace.tx_index = static_cast<uint32_t>(position);
  } else if (!reward) {
    return absl::DataLossError("found no \"transactionPosition\" with a number");
  }
  SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array path, ListField(json, "traceAddress"));
  for (const JsonValue step : path) {
    uint64_t number = 0;
    if (step.get(number) != simdjson::SUCCESS || number > 0xffffffff ||
        trace.path.size() == kMostDepth) {
      return absl::DataLossError("found no trace address");
    }
    trace.path.push_back(static_cast<uint32_t>(number));
  }
  trace.failed = HasField(json, "error");
  if (reward) {
    SPOOR_ASSIGN_OR_RETURN(const string_view kind, TextField(action, "rewardType"));
    trace.kind = kind == "uncle" ? Trace::Kind::kUncleReward : Trace::Kind::kReward;
    SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(action, "author", &trace.to));
    SPOOR_RETURN_IF_ERROR(ReadUnits(action, "value", &trace.value));
  } else if (type == "suicide" || type == "selfdestruct") {
    trace.kind = Trace::Kind::kSelfDestruct;
    SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(action, "address", &trace.from));
    SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(action, "refundAddress", &trace.to));
    SPOOR_RETURN_IF_ERROR(ReadUnits(action, "balance", &trace.value));
  } else {
    SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(action, "from", &trace.from));
    SPOOR_RETURN_IF_ERROR(ReadUnits(action, "value", &trace.value));
    if (type == "create") {
      trace.kind = Trace::Kind::kCreate;
      JsonValue result;
      if (json["result"].get(result) == simdjson::SUCCESS && result.is_object()) {
        SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(result, "address", &trace.to));
      }
      if (!trace.failed && !trace.to.has_value()) {
        return absl::DataLossError("found a contract made, and no address of it");
      }
    } else if (type == "call") {
      SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(action, "to", &trace.to));
      SPOOR_ASSIGN_OR_RETURN(const string_view call, TextField(action, "callType"));
      trace.kind = call == "call" ? Trace::Kind::kCall : Trace::Kind::kOther;
    } else {
      return BadField(type, "call, create, suicide or reward");
    }
  }
  data->traces.push_back(std::move(trace));
  return absl::OkStatus();
}

absl::Status ParseCall(const JsonValue& json, uint32_t tx_index, std::vector<uint32_t>* path,
                       BlockData* data) {
  Trace trace;
  trace.tx_index = tx_index;
  trace.path = *path;
  SPOOR_ASSIGN_OR_RETURN(const string_view type, TextField(json, "type"));
  const std::string upper = absl::AsciiStrToUpper(type);
  if (upper == "CALL") {
    trace.kind = Trace::Kind::kCall;
  } else if (upper == "CREATE" || upper == "CREATE2") {
    trace.kind = Trace::Kind::kCreate;
  } else if (upper == "SELFDESTRUCT" || upper == "SUICIDE") {
    trace.kind = Trace::Kind::kSelfDestruct;
  } else {
    trace.kind = Trace::Kind::kOther;
  }
  SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(json, "from", &trace.from));
  SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(json, "to", &trace.to));
  if (HasField(json, "value")) SPOOR_RETURN_IF_ERROR(ReadUnits(json, "value", &trace.value));
  trace.failed = HasField(json, "error");
  data->traces.push_back(std::move(trace));
  if (!HasField(json, "calls")) return absl::OkStatus();
  if (path->size() == kMostDepth) return absl::DataLossError("found calls nested too deep");
  SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array calls, ListField(json, "calls"));
  uint32_t number = 0;
  for (const JsonValue call : calls) {
    path->push_back(number++);
    SPOOR_RETURN_IF_ERROR(ParseCall(call, tx_index, path, data));
    path->pop_back();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseBlock(const JsonValue& json, BlockData* data, size_t* uncles) {
  BlockHeader& header = data->header;
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "number", &header.number));
  SPOOR_RETURN_IF_ERROR(ReadHash(json, "hash", &header.hash));
  SPOOR_RETURN_IF_ERROR(ReadHash(json, "parentHash", &header.parent));
  SPOOR_RETURN_IF_ERROR(ReadAddress(json, "miner", &header.fee_recipient));
  uint32_t time = 0;
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "timestamp", &time));
  header.time = time;
  if (HasField(json, "baseFeePerGas")) {
    SPOOR_RETURN_IF_ERROR(ReadUnits(json, "baseFeePerGas", &header.base_fee.emplace()));
  }
  *uncles = 0;
  if (HasField(json, "uncles")) {
    SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array list, ListField(json, "uncles"));
    *uncles = list.size();
    if (*uncles > 2) return absl::DataLossError("found more than two uncles");
  }
  if (HasField(json, "withdrawals")) {
    SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array list, ListField(json, "withdrawals"));
    for (const JsonValue one : list) {
      Withdrawal& withdrawal = header.withdrawals.emplace_back();
      SPOOR_RETURN_IF_ERROR(ReadAddress(one, "address", &withdrawal.to));
      SPOOR_RETURN_IF_ERROR(ReadNumber(one, "amount", &withdrawal.gwei));
    }
  }
  SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array transactions, ListField(json, "transactions"));
  for (const JsonValue tx : transactions) SPOOR_RETURN_IF_ERROR(ParseTransaction(tx, data));
  return absl::OkStatus();
}

absl::StatusOr<Uncle> ParseUncle(const JsonValue& json) {
  Uncle uncle;
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "number", &uncle.number));
  SPOOR_RETURN_IF_ERROR(ReadAddress(json, "miner", &uncle.fee_recipient));
  return uncle;
}

absl::Status AddReceipt(const JsonValue& json, BlockData* data) {
  SPOOR_RETURN_IF_ERROR(CheckBlock(json, *data));
  Receipt receipt;
  SPOOR_RETURN_IF_ERROR(ReadHash(json, "transactionHash", &receipt.hash));
  SPOOR_RETURN_IF_ERROR(ReadNumber(json, "gasUsed", &receipt.gas_used.emplace()));
  if (HasField(json, "effectiveGasPrice")) {
    SPOOR_RETURN_IF_ERROR(ReadUnits(json, "effectiveGasPrice", &receipt.gas_price.emplace()));
  }
  if (HasField(json, "status")) {
    uint8_t status = 0;
    SPOOR_RETURN_IF_ERROR(ReadNumber(json, "status", &status));
    if (status > 1) return absl::DataLossError("found a status that is neither 0 nor 1");
    receipt.success = status == 1;
  }
  if (HasField(json, "blobGasUsed") && HasField(json, "blobGasPrice")) {
    uint32_t blob_gas = 0;
    Units price;
    SPOOR_RETURN_IF_ERROR(ReadNumber(json, "blobGasUsed", &blob_gas));
    SPOOR_RETURN_IF_ERROR(ReadUnits(json, "blobGasPrice", &price));
    if (price > (Units(1) << 200)) return absl::DataLossError("found a blob gas price too high");
    receipt.blob_fee = price * blob_gas;
  }
  if (HasField(json, "l1Fee")) {
    SPOOR_RETURN_IF_ERROR(ReadUnits(json, "l1Fee", &receipt.layer_one_fee));
  }
  SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::array logs, ListField(json, "logs"));
  for (const JsonValue log : logs) SPOOR_RETURN_IF_ERROR(ParseLog(log, receipt, data));
  data->receipts.push_back(std::move(receipt));
  return absl::OkStatus();
}

absl::Status AddReceipts(const JsonValue& json, BlockData* data) {
  simdjson::dom::array receipts;
  if (json.get(receipts) != simdjson::SUCCESS) {
    return absl::AbortedError(
        absl::StrCat("the node has no receipts of block ", data->header.number, " now"));
  }
  for (const JsonValue receipt : receipts) SPOOR_RETURN_IF_ERROR(AddReceipt(receipt, data));
  return absl::OkStatus();
}

absl::Status AddParityTraces(const JsonValue& json, BlockData* data) {
  simdjson::dom::array traces;
  if (json.get(traces) != simdjson::SUCCESS) {
    return absl::DataLossError("found no list of traces");
  }
  for (const JsonValue trace : traces) SPOOR_RETURN_IF_ERROR(ParseParityTrace(trace, data));
  return absl::OkStatus();
}

absl::Status AddCallTraces(const JsonValue& json, BlockData* data) {
  simdjson::dom::array list;
  if (json.get(list) != simdjson::SUCCESS || list.size() != data->transactions.size()) {
    return absl::AbortedError(absl::StrCat("the node's traces of block ", data->header.number,
                                           " are not of its transactions"));
  }
  uint32_t index = 0;
  for (const JsonValue one : list) {
    if (HasField(one, "txHash")) {
      Txid hash;
      SPOOR_RETURN_IF_ERROR(ReadHash(one, "txHash", &hash));
      if (hash != data->transactions[index].hash) {
        return absl::AbortedError(
            absl::StrCat("the node's chain changed at block ", data->header.number));
      }
    }
    JsonValue call;
    if (one["result"].get(call) != simdjson::SUCCESS) {
      return absl::DataLossError("found a transaction without its trace");
    }
    std::vector<uint32_t> path;
    SPOOR_RETURN_IF_ERROR(ParseCall(call, index++, &path, data));
  }
  return absl::OkStatus();
}

}  // namespace spoor::ethereum
