#ifndef SPOOR_LIB_SIMULATE_TRUTH_H_
#define SPOOR_LIB_SIMULATE_TRUTH_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/simulate/simulate.h"

namespace spoor::simulate {

// "TXID:N", as `trace` names an output.
std::string PlaceText(const bitcoin::OutPoint& outpoint);
// ISO 8601, UTC.
std::string TimeText(uint32_t seconds);

// A file of JSON objects, one a line.
class JsonLines {
 public:
  absl::Status Open(const std::string& path);
  JsonLines& Begin();
  JsonLines& Text(absl::string_view key, absl::string_view value);
  // null if the value is empty.
  JsonLines& TextOrNull(absl::string_view key, absl::string_view value);
  JsonLines& Number(absl::string_view key, uint64_t value);
  // Amounts are decimal strings, as in all of Spoor's JSON.
  JsonLines& Units(absl::string_view key, uint64_t value);
  JsonLines& BeginList(absl::string_view key);
  JsonLines& BeginItem();
  JsonLines& Item(absl::string_view value);
  JsonLines& EndItem();
  JsonLines& EndList();
  void End();
  absl::Status Close();

 private:
  void Key(absl::string_view key);

  std::string path_;
  std::ofstream file_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

// Units of one theft in one output.
struct StolenPart {
  std::string place;
  std::string address;
  std::string owner;
  uint64_t value = 0;   // of the whole output
  uint64_t stolen = 0;  // of it
};

struct TheftRecord {
  std::string theft;
  std::string txid;
  uint32_t height = 0;
  uint32_t time = 0;
  std::string victim;
  std::string service;
  std::string thief;
  std::vector<StolenPart> outputs;
};

// What one transaction did with the units of one theft: those of `from` equal those of `to` and
// `fee`.
struct StepRecord {
  std::string theft;
  std::string thief;
  absl::string_view kind;
  std::string txid;
  uint32_t height = 0;
  uint32_t time = 0;
  std::vector<StolenPart> from;
  std::vector<StolenPart> to;
  uint64_t fee = 0;
};

struct EndpointRecord {
  std::string theft;
  absl::string_view kind;  // "service", "fee", "unspent"
  std::string place;       // TXID:N; of a fee the TXID
  std::string address;
  std::string owner;
  std::string service;
  absl::string_view category;
  uint64_t amount = 0;
  uint32_t height = 0;
};

struct Tag {
  std::string address;
  std::string label;
  absl::string_view category;
  absl::string_view confidence;  // a TagPack confidence id
  std::string actor;
};

// Writes the files of truth/. Errors are kept until Close().
class TruthWriter {
 public:
  // Makes the directory.
  static absl::StatusOr<std::unique_ptr<TruthWriter>> Create(const std::string& dir,
                                                             const Network& network, uint64_t seed);

  void Owner(absl::string_view address, absl::string_view owner, absl::string_view kind,
             absl::string_view service, absl::string_view category);
  void Theft(const TheftRecord& record);
  void Step(const StepRecord& record);
  void Endpoint(const EndpointRecord& record);
  // The owners stand in the order of the inputs and outputs.
  void CoinJoin(const Txid& txid, absl::string_view kind, uint32_t height, uint64_t denomination,
                const std::vector<std::string>& input_owners,
                const std::vector<std::string>& output_owners);
  void Change(const Txid& txid, uint32_t vout);
  void WriteTag(const Tag& tag);
  // Writes summary.json and closes everything.
  absl::Status Close(const SimulationSummary& summary);

 private:
  TruthWriter() = default;
  absl::Status WriteSummary(const SimulationSummary& summary);

  std::string dir_;
  JsonLines owners_, thefts_, steps_, endpoints_, coinjoins_, change_;
  std::ofstream tags_;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_TRUTH_H_
