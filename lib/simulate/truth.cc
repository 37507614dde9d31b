#include "lib/simulate/truth.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

absl::Status OpenFile(const std::string& path, std::ofstream* file) {
  file->open(path, std::ios::binary | std::ios::trunc);
  if (!file->is_open()) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

absl::Status CloseFile(const std::string& path, std::ofstream* file) {
  file->close();
  if (file->fail()) return absl::UnavailableError(absl::StrCat("writing ", path, " failed"));
  return absl::OkStatus();
}

// A double-quoted YAML scalar.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

void WriteParts(absl::string_view key, const std::vector<StolenPart>& parts, JsonLines* line) {
  line->BeginList(key);
  for (const StolenPart& part : parts) {
    line->BeginItem()
        .Text("place", part.place)
        .Text("address", part.address)
        .Text("owner", part.owner)
        .Units("value", part.value)
        .Units("stolen", part.stolen)
        .EndItem();
  }
  line->EndList();
}

}  // namespace

std::string PlaceText(const bitcoin::OutPoint& outpoint) {
  return absl::StrCat(ToText(outpoint.txid), ":", outpoint.index);
}

std::string TimeText(uint32_t seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

absl::Status JsonLines::Open(const std::string& path) {
  path_ = path;
  return OpenFile(path, &file_);
}

void JsonLines::Key(absl::string_view key) {
  writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

JsonLines& JsonLines::Begin() {
  buffer_.Clear();
  writer_.Reset(buffer_);
  writer_.StartObject();
  return *this;
}

JsonLines& JsonLines::Text(absl::string_view key, absl::string_view value) {
  Key(key);
  return Item(value);
}

JsonLines& JsonLines::TextOrNull(absl::string_view key, absl::string_view value) {
  Key(key);
  if (!value.empty()) return Item(value);
  writer_.Null();
  return *this;
}

JsonLines& JsonLines::Number(absl::string_view key, uint64_t value) {
  Key(key);
  writer_.Uint64(value);
  return *this;
}

JsonLines& JsonLines::Units(absl::string_view key, uint64_t value) {
  return Text(key, absl::StrCat(value));
}

JsonLines& JsonLines::BeginList(absl::string_view key) {
  Key(key);
  writer_.StartArray();
  return *this;
}

JsonLines& JsonLines::BeginItem() {
  writer_.StartObject();
  return *this;
}

JsonLines& JsonLines::Item(absl::string_view value) {
  writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  return *this;
}

JsonLines& JsonLines::EndItem() {
  writer_.EndObject();
  return *this;
}

JsonLines& JsonLines::EndList() {
  writer_.EndArray();
  return *this;
}

void JsonLines::End() {
  writer_.EndObject();
  buffer_.Put('\n');
  file_.write(buffer_.GetString(), static_cast<std::streamsize>(buffer_.GetSize()));
}

absl::Status JsonLines::Close() { return CloseFile(path_, &file_); }

absl::StatusOr<std::unique_ptr<TruthWriter>> TruthWriter::Create(const std::string& dir,
                                                                 const Network& network,
                                                                 uint64_t seed) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", dir, ": ", error.message()));
  }
  std::unique_ptr<TruthWriter> truth(new TruthWriter);
  truth->dir_ = dir;
  SPOOR_RETURN_IF_ERROR(truth->owners_.Open(dir + "/owners.jsonl"));
  SPOOR_RETURN_IF_ERROR(truth->thefts_.Open(dir + "/thefts.jsonl"));
  SPOOR_RETURN_IF_ERROR(truth->steps_.Open(dir + "/steps.jsonl"));
  SPOOR_RETURN_IF_ERROR(truth->endpoints_.Open(dir + "/endpoints.jsonl"));
  SPOOR_RETURN_IF_ERROR(truth->coinjoins_.Open(dir + "/coinjoins.jsonl"));
  SPOOR_RETURN_IF_ERROR(truth->change_.Open(dir + "/change.jsonl"));
  SPOOR_RETURN_IF_ERROR(OpenFile(dir + "/tags.yaml", &truth->tags_));
  // The date is fixed, as everything is, so that the same seed gives the same bytes.
  truth->tags_ << "title: Labels of a simulated ledger\n"
               << "creator: trace simulate\n"
               << "description: What an investigator would know of the ledger of seed " << seed
               << "; a part of the truth beside it\n"
               << "source: simulation\n"
               << "lastmod: 2020-01-01\n"
               << "currency: " << network.symbol << "\n"
               << "tags:\n";
  return truth;
}

void TruthWriter::Owner(absl::string_view address, absl::string_view owner, absl::string_view kind,
                        absl::string_view service, absl::string_view category) {
  owners_.Begin()
      .Text("address", address)
      .Text("owner", owner)
      .Text("kind", kind)
      .TextOrNull("service", service)
      .TextOrNull("category", category)
      .End();
}

void TruthWriter::Theft(const TheftRecord& record) {
  uint64_t amount = 0;
  for (const StolenPart& part : record.outputs) amount += part.stolen;
  thefts_.Begin()
      .Text("theft", record.theft)
      .Text("txid", record.txid)
      .Number("height", record.height)
      .Text("time", TimeText(record.time))
      .Text("victim", record.victim)
      .TextOrNull("service", record.service)
      .Text("thief", record.thief)
      .Units("amount", amount);
  WriteParts("outputs", record.outputs, &thefts_);
  thefts_.End();
}

void TruthWriter::Step(const StepRecord& record) {
  steps_.Begin()
      .Text("theft", record.theft)
      .Text("thief", record.thief)
      .Text("kind", record.kind)
      .Text("txid", record.txid)
      .Number("height", record.height)
      .Text("time", TimeText(record.time));
  WriteParts("from", record.from, &steps_);
  WriteParts("to", record.to, &steps_);
  steps_.Units("fee", record.fee).End();
}

void TruthWriter::Endpoint(const EndpointRecord& record) {
  endpoints_.Begin()
      .Text("theft", record.theft)
      .Text("kind", record.kind)
      .Text("place", record.place)
      .TextOrNull("address", record.address)
      .Units("amount", record.amount)
      .TextOrNull("owner", record.owner)
      .TextOrNull("service", record.service)
      .TextOrNull("category", record.category)
      .Number("height", record.height)
      .End();
}

void TruthWriter::CoinJoin(const Txid& txid, absl::string_view kind, uint32_t height,
                           uint64_t denomination, const std::vector<std::string>& input_owners,
                           const std::vector<std::string>& output_owners) {
  coinjoins_.Begin()
      .Text("txid", ToText(txid))
      .Text("kind", kind)
      .Number("height", height)
      .Units("denomination", denomination);
  coinjoins_.BeginList("input_owners");
  for (const std::string& owner : input_owners) coinjoins_.Item(owner);
  coinjoins_.EndList().BeginList("output_owners");
  for (const std::string& owner : output_owners) coinjoins_.Item(owner);
  coinjoins_.EndList().End();
}

void TruthWriter::Change(const Txid& txid, uint32_t vout) {
  change_.Begin().Text("txid", ToText(txid)).Number("vout", vout).End();
}

void TruthWriter::WriteTag(const Tag& tag) {
  tags_ << "  - address: " << Quoted(tag.address) << "\n    label: " << Quoted(tag.label)
        << "\n    category: " << Quoted(tag.category) << "\n    confidence: " << tag.confidence
        << "\n    actor: " << Quoted(tag.actor) << "\n";
}

absl::Status TruthWriter::WriteSummary(const SimulationSummary& summary) {
  JsonLines file;
  SPOOR_RETURN_IF_ERROR(file.Open(dir_ + "/summary.json"));
  file.Begin()
      .Text("schema", "spoor.simulation.v1")
      .Number("blocks", summary.blocks)
      .Number("stale_blocks", summary.stale_blocks)
      .Number("transactions", summary.transactions)
      .Number("inputs", summary.inputs)
      .Number("outputs", summary.outputs)
      .Number("addresses", summary.addresses)
      .Units("minted", summary.minted)
      .Units("fees", summary.fees)
      .Number("utxos", summary.utxos)
      .Units("utxo_total", summary.utxo_total)
      .Units("unspendable", summary.unspendable)
      .Number("thefts", summary.thefts)
      .Units("stolen", summary.stolen)
      .Number("coinjoins", summary.coinjoins)
      .Text("tip_hash", summary.tip_hash)
      .Text("tip_time", TimeText(summary.tip_time))
      .End();
  return file.Close();
}

absl::Status TruthWriter::Close(const SimulationSummary& summary) {
  for (JsonLines* file : {&owners_, &thefts_, &steps_, &endpoints_, &coinjoins_, &change_}) {
    SPOOR_RETURN_IF_ERROR(file->Close());
  }
  SPOOR_RETURN_IF_ERROR(CloseFile(dir_ + "/tags.yaml", &tags_));
  return WriteSummary(summary);
}

}  // namespace spoor::simulate
