#include "spoor/ethereum/etl.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/ethereum/etl_columns.h"
#include "lib/ethereum/field_text.h"
#include "simdjson.h"
#include "spoor/base/status_macros.h"
#include "spoor/ethereum/log.h"

namespace spoor::ethereum {
namespace {

namespace fs = std::filesystem;
using absl::string_view;

constexpr std::array<const char*, kEtlKinds> kKindNames = {
    "blocks", "transactions", "receipts", "logs", "token_transfers", "traces", "tokens"};
constexpr size_t kMostSymbol = 100;
constexpr size_t kMostTopics = 4;
// Parity's depth of calls is 1,024.
constexpr size_t kMostPath = 1100;
constexpr uint64_t kByzantium = 4'370'000;
// The hash of the list of no uncles.
constexpr string_view kNoUncles =
    "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

std::optional<EtlKind> KindOfFile(string_view name) {
  name = absl::StripSuffix(name, ".gz");
  bool known = false;
  for (const string_view ending : {".csv", ".json", ".jsonl", ".ndjson"}) {
    known = known || absl::ConsumeSuffix(&name, ending);
  }
  if (!known) return std::nullopt;
  for (size_t i = 0; i < kEtlKinds; ++i) {
    // "token_transfers_00000000_00099999"; but not "transactions" for "tokens".
    string_view rest = name;
    if (absl::ConsumePrefix(&rest, kKindNames[i]) &&
        (rest.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(rest[0])))) {
      return static_cast<EtlKind>(i);
    }
  }
  return std::nullopt;
}

// What simdjson finds in a small text.
class SmallJson {
 public:
  absl::StatusOr<simdjson::dom::element> Parse(string_view text) {
    simdjson::dom::element element;
    if (parser_.parse(text.data(), text.size()).get(element) != simdjson::SUCCESS) {
      return BadField(text, "JSON");
    }
    return element;
  }

 private:
  simdjson::dom::parser parser_;
};

absl::StatusOr<std::vector<Withdrawal>> ParseWithdrawals(string_view text, SmallJson* json) {
  std::vector<Withdrawal> withdrawals;
  if (text.empty() || text == "[]") return withdrawals;
  std::string list(text);
  // CSV has the objects of a list with commas between them, and no brackets.
  if (list[0] == '{') list = absl::StrCat("[", list, "]");
  SPOOR_ASSIGN_OR_RETURN(const simdjson::dom::element element, json->Parse(list));
  simdjson::dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return BadField(text, "a list of withdrawals");
  for (const simdjson::dom::element one : array) {
    Withdrawal withdrawal;
    std::string_view address;
    if (one["address"].get(address) != simdjson::SUCCESS ||
        one["amount"].get(withdrawal.gwei) != simdjson::SUCCESS) {
      return BadField(text, "withdrawals with address and amount");
    }
    SPOOR_ASSIGN_OR_RETURN(withdrawal.to,
                           ParseBytes<20>(string_view(address.data(), address.size())));
    withdrawals.push_back(withdrawal);
  }
  return withdrawals;
}

// A list of topics, from JSON or as CSV has it, with commas between them.
absl::Status ParseTopics(string_view text, std::vector<Digest256>* topics) {
  if (absl::ConsumePrefix(&text, "[") && !absl::ConsumeSuffix(&text, "]")) {
    return BadField(text, "a list of topics");
  }
  topics->clear();
  if (text.empty()) return absl::OkStatus();
  for (string_view topic : absl::StrSplit(text, ',')) {
    topic = absl::StripAsciiWhitespace(topic);
    if (absl::ConsumePrefix(&topic, "\"")) absl::ConsumeSuffix(&topic, "\"");
    if (topics->size() == kMostTopics) return BadField(text, "at most 4 topics");
    SPOOR_ASSIGN_OR_RETURN(const Digest256 digest, ParseBytes<32>(topic));
    topics->push_back(digest);
  }
  return absl::OkStatus();
}

absl::Status ParseData(string_view text, Bytes* data) {
  if (text.empty()) {
    data->clear();
    return absl::OkStatus();
  }
  data->resize(text.size() / 2 - (text.size() >= 2 ? 1 : 0));
  if (text.size() % 2 == 0 && ParseHex(text, absl::MakeSpan(*data))) return absl::OkStatus();
  return BadField(text, "bytes, 0x and hexadecimal digits");
}

// "[0, 1]", "0,1" or nothing.
absl::Status ParsePath(string_view text, std::vector<uint32_t>* path) {
  if (absl::ConsumePrefix(&text, "[")) absl::ConsumeSuffix(&text, "]");
  path->clear();
  if (text.empty()) return absl::OkStatus();
  for (const string_view step : absl::StrSplit(text, ',')) {
    const auto number = ParseNumber(absl::StripAsciiWhitespace(step), NumberForm::kDecimal);
    if (!number.ok() || *number > 0xffffffff || path->size() == kMostPath) {
      return BadField(text, "a trace address, numbers with commas between them");
    }
    path->push_back(static_cast<uint32_t>(*number));
  }
  return absl::OkStatus();
}

// What 21,000, a created contract and the call data cost before Byzantium (EIP-2, yellow paper).
uint64_t IntrinsicGas(string_view input, bool creates) {
  uint64_t gas = 21'000 + (creates ? 32'000 : 0);
  for (size_t i = 2; i + 1 < input.size(); i += 2) {
    gas += input[i] == '0' && input[i + 1] == '0' ? 4 : 68;
  }
  return gas;
}

class Reader final : public EtlReader {
 public:
  Reader(EtlKind kind, std::unique_ptr<ColumnReader> columns)
      : kind_(kind), columns_(std::move(columns)) {}

  // The columns of a kind: first those without which a row is none.
  struct Columns {
    std::vector<string_view> names;
    size_t needed = 0;
  };
  static const Columns& ColumnsOf(EtlKind kind);

  absl::StatusOr<bool> Next(EtlRow* row) override {
    SPOOR_ASSIGN_OR_RETURN(const bool more, columns_->Next(&fields_));
    if (!more) return false;
    row->kind = kind_;
    at_ = 0;
    const absl::Status status = ReadRow(row);
    if (status.ok()) return true;
    return absl::DataLossError(
        absl::StrCat(columns_->where(), ", ", ColumnsOf(kind_).names[at_], ": ", status.message()));
  }
  uint64_t offset() const override { return columns_->file().offset(); }
  uint64_t size() const override { return columns_->file().size(); }

 private:
  // Each reads one column, which errors then name.
  string_view Text(size_t column) {
    at_ = column;
    return fields_[column];
  }
  template <typename T>
  absl::Status Number(size_t column, T* out) {
    SPOOR_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(Text(column), NumberForm::kDecimal));
    if (number > std::numeric_limits<T>::max())
      return BadField(fields_[column], "a smaller number");
    *out = static_cast<T>(number);
    return absl::OkStatus();
  }
  absl::Status Amount(size_t column, Units* out) {
    // Traces that move nothing have no value.
    if (Text(column).empty()) {
      *out = 0;
      return absl::OkStatus();
    }
    SPOOR_ASSIGN_OR_RETURN(*out, ParseUnits(fields_[column], NumberForm::kDecimal));
    return absl::OkStatus();
  }
  template <typename Hash>
  absl::Status ReadHash(size_t column, Hash* out) {
    SPOOR_ASSIGN_OR_RETURN(*out, ParseHash<Hash>(Text(column)));
    return absl::OkStatus();
  }
  absl::Status ReadAddress(size_t column, Address* out) {
    SPOOR_ASSIGN_OR_RETURN(*out, ParseBytes<20>(Text(column)));
    return absl::OkStatus();
  }
  absl::Status ReadOptionalAddress(size_t column, std::optional<Address>* out) {
    *out = std::nullopt;
    if (Text(column).empty()) return absl::OkStatus();
    return ReadAddress(column, &out->emplace());
  }

  absl::Status ReadRow(EtlRow* row);
  absl::Status ReadBlock(BlockHeader* header);
  absl::Status ReadTransaction(EtlRow* row);
  // From column `first` on: gas used, status, gas price, layer one fee, blob gas and its price.
  absl::Status ReadReceipt(size_t first, Receipt* receipt);
  absl::Status ReadLog(std::vector<TokenEvent>* events);
  absl::Status ReadTokenTransfer(std::vector<TokenEvent>* events);
  absl::Status ReadTrace(Trace* trace);
  absl::Status ReadToken(TokenInfo* token);

  const EtlKind kind_;
  const std::unique_ptr<ColumnReader> columns_;
  std::vector<string_view> fields_;
  size_t at_ = 0;  // the column last read
  SmallJson json_;
  Log log_;
};

const Reader::Columns& Reader::ColumnsOf(EtlKind kind) {
  static const std::array<Columns, kEtlKinds> all = {{
      {{"number", "hash", "parent_hash", "miner", "timestamp", "sha3_uncles", "base_fee_per_gas",
        "transaction_count", "withdrawals"},
       5},
      {{"block_number", "hash", "transaction_index", "from_address", "to_address", "value", "nonce",
        "gas", "gas_price", "input", "transaction_type", "receipt_gas_used", "receipt_status",
        "receipt_effective_gas_price", "receipt_l1_fee", "receipt_blob_gas_used",
        "receipt_blob_gas_price"},
       8},
      {{"block_number", "transaction_hash", "gas_used", "status", "effective_gas_price", "l1_fee",
        "blob_gas_used", "blob_gas_price"},
       3},
      {{"block_number", "transaction_hash", "log_index", "address", "topics", "data"}, 6},
      {{"block_number", "transaction_hash", "log_index", "token_address", "from_address",
        "to_address", "value"},
       7},
      {{"block_number", "trace_type", "transaction_index", "from_address", "to_address", "value",
        "trace_address", "call_type", "reward_type", "error", "status"},
       7},
      {{"address", "symbol", "decimals", "block_number"}, 3},
  }};
  return all[static_cast<size_t>(kind)];
}

absl::Status Reader::ReadBlock(BlockHeader* header) {
  *header = BlockHeader();
  SPOOR_RETURN_IF_ERROR(Number(0, &header->number));
  SPOOR_RETURN_IF_ERROR(ReadHash(1, &header->hash));
  SPOOR_RETURN_IF_ERROR(ReadHash(2, &header->parent));
  // A chain without miners may have none.
  if (!Text(3).empty()) SPOOR_RETURN_IF_ERROR(ReadAddress(3, &header->fee_recipient));
  SPOOR_RETURN_IF_ERROR(Number(4, &header->time));
  header->uncles_known = Text(5).empty() || fields_[5] == kNoUncles;
  if (!Text(6).empty()) SPOOR_RETURN_IF_ERROR(Amount(6, &header->base_fee.emplace()));
  if (!Text(7).empty()) SPOOR_RETURN_IF_ERROR(Number(7, &header->transaction_count.emplace()));
  SPOOR_ASSIGN_OR_RETURN(header->withdrawals, ParseWithdrawals(Text(8), &json_));
  return absl::OkStatus();
}

absl::Status Reader::ReadReceipt(size_t first, Receipt* receipt) {
  if (!Text(first).empty()) SPOOR_RETURN_IF_ERROR(Number(first, &receipt->gas_used.emplace()));
  if (!Text(first + 1).empty()) {
    uint8_t status = 0;
    SPOOR_RETURN_IF_ERROR(Number(first + 1, &status));
    if (status > 1) return BadField(fields_[first + 1], "0 or 1");
    receipt->success = status == 1;
  }
  if (!Text(first + 2).empty()) {
    SPOOR_RETURN_IF_ERROR(Amount(first + 2, &receipt->gas_price.emplace()));
  }
  SPOOR_RETURN_IF_ERROR(Amount(first + 3, &receipt->layer_one_fee));
  Units blob_gas = 0;
  Units blob_price = 0;
  SPOOR_RETURN_IF_ERROR(Amount(first + 4, &blob_gas));
  SPOOR_RETURN_IF_ERROR(Amount(first + 5, &blob_price));
  constexpr uint64_t kMostBlobGas = uint64_t{1} << 40;
  if (blob_gas > kMostBlobGas || blob_price > (Units(1) << 200)) {
    return BadField(fields_[first + 4], "a smaller number");
  }
  receipt->blob_fee = blob_gas * blob_price;
  return absl::OkStatus();
}

absl::Status Reader::ReadTransaction(EtlRow* row) {
  Transaction& tx = row->transaction;
  SPOOR_RETURN_IF_ERROR(Number(0, &row->block));
  SPOOR_RETURN_IF_ERROR(ReadHash(1, &tx.hash));
  SPOOR_RETURN_IF_ERROR(Number(2, &tx.index));
  SPOOR_RETURN_IF_ERROR(ReadAddress(3, &tx.from));
  SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(4, &tx.to));
  if (Text(5).empty()) return BadField("", "a whole number in decimal digits");
  SPOOR_RETURN_IF_ERROR(Amount(5, &tx.value));
  SPOOR_RETURN_IF_ERROR(Number(6, &tx.nonce));
  SPOOR_RETURN_IF_ERROR(Number(7, &tx.gas));
  tx.intrinsic_gas = row->block < kByzantium && !Text(9).empty()
                         ? IntrinsicGas(fields_[9], !tx.to.has_value())
                         : 0;
  tx.type = 0;
  if (!Text(10).empty()) SPOOR_RETURN_IF_ERROR(Number(10, &tx.type));
  row->receipt = Receipt();
  row->receipt.hash = tx.hash;
  SPOOR_RETURN_IF_ERROR(ReadReceipt(11, &row->receipt));
  row->has_receipt = row->receipt.gas_used.has_value();
  // Without an effective price, before London, it is what the sender offered.
  if (!row->receipt.gas_price.has_value() && !Text(8).empty()) {
    SPOOR_RETURN_IF_ERROR(Amount(8, &row->receipt.gas_price.emplace()));
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadLog(std::vector<TokenEvent>* events) {
  SPOOR_RETURN_IF_ERROR(ReadHash(1, &log_.tx));
  SPOOR_RETURN_IF_ERROR(Number(2, &log_.index));
  SPOOR_RETURN_IF_ERROR(ReadAddress(3, &log_.address));
  SPOOR_RETURN_IF_ERROR(ParseTopics(Text(4), &log_.topics));
  if (log_.topics.empty() || !IsTokenTopic(log_.topics[0])) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(ParseData(Text(5), &log_.data));
  DecodeTokenEvents(log_, events);
  return absl::OkStatus();
}

absl::Status Reader::ReadTokenTransfer(std::vector<TokenEvent>* events) {
  TokenEvent event;
  SPOOR_RETURN_IF_ERROR(ReadHash(1, &event.tx));
  SPOOR_RETURN_IF_ERROR(Number(2, &event.log_index));
  SPOOR_RETURN_IF_ERROR(ReadAddress(3, &event.token));
  SPOOR_RETURN_IF_ERROR(ReadAddress(4, &event.from));
  SPOOR_RETURN_IF_ERROR(ReadAddress(5, &event.to));
  if (Text(6).empty()) return BadField("", "a whole number in decimal digits");
  SPOOR_RETURN_IF_ERROR(Amount(6, &event.amount));
  events->push_back(event);
  return absl::OkStatus();
}

absl::Status Reader::ReadTrace(Trace* trace) {
  *trace = Trace();
  const string_view type = Text(1);
  const string_view call = fields_[7];
  if (type == "call") {
    trace->kind = call.empty() || call == "call" ? Trace::Kind::kCall : Trace::Kind::kOther;
  } else if (type == "create" || type == "create2") {
    trace->kind = Trace::Kind::kCreate;
  } else if (type == "suicide" || type == "selfdestruct") {
    trace->kind = Trace::Kind::kSelfDestruct;
  } else if (type == "reward") {
    trace->kind = fields_[8] == "uncle" ? Trace::Kind::kUncleReward : Trace::Kind::kReward;
  } else if (type == "genesis") {
    trace->kind = Trace::Kind::kGenesis;
  } else if (type == "daofork") {
    trace->kind = Trace::Kind::kDaoFork;
  } else {
    return BadField(type, "call, create, suicide, reward, genesis or daofork");
  }
  if (!Text(2).empty()) SPOOR_RETURN_IF_ERROR(Number(2, &trace->tx_index.emplace()));
  SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(3, &trace->from));
  SPOOR_RETURN_IF_ERROR(ReadOptionalAddress(4, &trace->to));
  SPOOR_RETURN_IF_ERROR(Amount(5, &trace->value));
  SPOOR_RETURN_IF_ERROR(ParsePath(Text(6), &trace->path));
  trace->failed = !Text(9).empty() || Text(10) == "0";
  return absl::OkStatus();
}

absl::Status Reader::ReadToken(TokenInfo* token) {
  SPOOR_RETURN_IF_ERROR(ReadAddress(0, &token->token));
  // Whatever a contract calls itself: for people only.
  const string_view symbol = Text(1).substr(0, kMostSymbol);
  token->symbol = simdjson::validate_utf8(symbol.data(), symbol.size()) ? std::string(symbol) : "";
  const auto decimals = ParseNumber(Text(2), NumberForm::kDecimal);
  token->decimals = decimals.ok() && *decimals <= 77 ? static_cast<int>(*decimals) : 0;
  return absl::OkStatus();
}

absl::Status Reader::ReadRow(EtlRow* row) {
  row->tokens.clear();
  row->has_receipt = false;
  if (kind_ != EtlKind::kTokens && kind_ != EtlKind::kBlocks) {
    SPOOR_RETURN_IF_ERROR(Number(0, &row->block));
  }
  switch (kind_) {
    case EtlKind::kBlocks:
      SPOOR_RETURN_IF_ERROR(ReadBlock(&row->header));
      row->block = row->header.number;
      return absl::OkStatus();
    case EtlKind::kTransactions:
      return ReadTransaction(row);
    case EtlKind::kReceipts:
      row->receipt = Receipt();
      row->has_receipt = true;
      SPOOR_RETURN_IF_ERROR(ReadHash(1, &row->receipt.hash));
      return ReadReceipt(2, &row->receipt);
    case EtlKind::kLogs:
      return ReadLog(&row->tokens);
    case EtlKind::kTokenTransfers:
      return ReadTokenTransfer(&row->tokens);
    case EtlKind::kTraces:
      return ReadTrace(&row->trace);
    case EtlKind::kTokens:
      return ReadToken(&row->token);
  }
  return absl::InternalError("no such kind of row");
}

}  // namespace

const char* EtlKindName(EtlKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

absl::StatusOr<EtlFiles> FindEtlFiles(const std::string& dir) {
  std::error_code error;
  if (!fs::is_directory(dir, error)) {
    return absl::NotFoundError(absl::StrCat("no directory ", dir));
  }
  EtlFiles files;
  fs::recursive_directory_iterator it(dir, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    if (const auto kind = KindOfFile(it->path().filename().string())) {
      files.of[static_cast<size_t>(*kind)].push_back(it->path().string());
    }
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat("reading ", dir, ": ", error.message()));
  }
  for (auto& list : files.of) std::sort(list.begin(), list.end());
  if (files[EtlKind::kBlocks].empty()) {
    return absl::NotFoundError(
        absl::StrCat("no blocks in ", dir,
                     ": wanted files named blocks*.csv or blocks*.json, as ethereum-etl "
                     "writes them"));
  }
  return files;
}

absl::StatusOr<std::unique_ptr<EtlReader>> EtlReader::Open(EtlKind kind, const std::string& path) {
  const Reader::Columns& columns = Reader::ColumnsOf(kind);
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<ColumnReader> reader,
                         ColumnReader::Open(path, columns.names, columns.needed));
  return std::make_unique<Reader>(kind, std::move(reader));
}

}  // namespace spoor::ethereum
