#include "tests/support/theft_truth.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/document.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/seed.h"

namespace spoor {
namespace {

absl::Status EachLine(const std::string& path,
                      absl::FunctionRef<absl::Status(const rapidjson::Document&)> visit) {
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    rapidjson::Document line;
    line.Parse(text.c_str());
    if (line.HasParseError()) return absl::DataLossError(absl::StrCat(path, ": no JSON"));
    SPOOR_RETURN_IF_ERROR(visit(line));
  }
  return absl::OkStatus();
}

uint64_t AmountOf(const rapidjson::Value& text) {
  uint64_t amount = 0;
  SPOOR_CHECK(absl::SimpleAtoi(text.GetString(), &amount));
  return amount;
}

absl::Status ReadTruth(const std::string& dir, TrueThefts* truth) {
  const MemoryLedger& ledger = *truth->ledger;
  truth->service.resize(ledger.tip()->totals.addresses);
  SPOOR_RETURN_IF_ERROR(
      EachLine(dir + "/owners.jsonl", [&](const rapidjson::Document& line) -> absl::Status {
        // A thief has a category too, and is no service.
        if (line["category"].IsNull() || line["kind"] == "thief") return absl::OkStatus();
        SPOOR_ASSIGN_OR_RETURN(const std::string key,
                               AddressKeyFromText(ledger.chain(), line["address"].GetString()));
        SPOOR_ASSIGN_OR_RETURN(const auto id, ledger.FindAddress(key));
        if (!id.has_value()) return absl::DataLossError("an owner of an address never paid");
        truth->service[id->number] = line["owner"].GetString();
        truth->category[line["owner"].GetString()] = line["category"].GetString();
        return absl::OkStatus();
      }));
  std::map<std::string, size_t> number;
  SPOOR_RETURN_IF_ERROR(
      EachLine(dir + "/thefts.jsonl", [&](const rapidjson::Document& line) -> absl::Status {
        number[line["theft"].GetString()] = truth->thefts.size();
        truth->thefts.push_back(
            {line["txid"].GetString(), line["thief"].GetString(), AmountOf(line["amount"]), {}});
        return absl::OkStatus();
      }));
  return EachLine(dir + "/endpoints.jsonl", [&](const rapidjson::Document& line) -> absl::Status {
    if (line["kind"] != "service") return absl::OkStatus();
    const std::string service = line["owner"].GetString();
    if (truth->category.count(service) == 0) {
      return absl::DataLossError(absl::StrCat("units ended with ", service, ", who is no service"));
    }
    truth->thefts[number.at(line["theft"].GetString())].arrived[service] +=
        AmountOf(line["amount"]);
    return absl::OkStatus();
  });
}

absl::StatusOr<CaseFinding> TraceTheft(const TrueThefts& truth, const TrueTheft& theft) {
  const LedgerView* const views[] = {truth.ledger.get()};
  SPOOR_ASSIGN_OR_RETURN(const SeedRequest request, ParseSeedRequest(theft.txid));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Seed> seeds, FindSeeds(views, {&request, 1}));
  FollowOptions options;
  options.policies.clear();
  for (const absl::string_view name : PolicyNames()) options.policies.emplace_back(name);
  options.flows = false;
  options.patterns = false;
  options.stop_at = [&](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
    return !truth.service[owner.number].empty();
  };
  SPOOR_ASSIGN_OR_RETURN(const TraceResult traced, Follow(views, seeds, options));
  BoundsOptions ask;
  // Each service is a category of its own, so that one graph answers for all of them.
  ask.category = [&](uint32_t, AddressId owner) -> absl::StatusOr<std::string> {
    return truth.service[owner.number];
  };
  const auto is_exchange = [&](const std::string& service) {
    const auto it = truth.category.find(service);
    return it != truth.category.end() && it->second == "exchange";
  };
  ask.groups = {{"exchanges", [&](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
                   return is_exchange(truth.service[owner.number]);
                 }}};
  SPOOR_ASSIGN_OR_RETURN(const BoundsResult bounds, ComputeBounds(views, seeds, options, ask));

  CaseFinding found;
  found.stolen = theft.stolen;
  found.movements = bounds.movements;
  std::map<std::string, ServiceFinding> services;
  const auto at = [&](const std::string& name) -> ServiceFinding& {
    ServiceFinding& service = services[name];
    service.service = name;
    service.category = truth.category.at(name);
    service.figures.resize(traced.policies.size());
    return service;
  };
  for (const auto& [name, units] : theft.arrived) {
    at(name).truth = units;
    if (is_exchange(name)) found.exchanges_truth += units;
  }
  for (const Bound& bound : bounds.bounds) {
    if (bound.stolen != theft.stolen) return absl::InternalError("bounds of another theft");
    if (bound.group == "exchanges") {
      found.exchanges_lower = static_cast<uint64_t>(bound.lower);
      found.exchanges_upper = static_cast<uint64_t>(bound.upper);
    } else if (!bound.category.empty()) {
      at(bound.category).lower = static_cast<uint64_t>(bound.lower);
      at(bound.category).upper = static_cast<uint64_t>(bound.upper);
    }
  }
  for (size_t i = 0; i < traced.policies.size(); ++i) {
    for (const Endpoint& end : traced.policies[i].endpoints) {
      if (end.kind != EndpointKind::kService) continue;
      at(truth.service[end.owner.number]).figures[i] += static_cast<uint64_t>(end.tainted);
    }
  }
  for (auto& [name, service] : services) found.services.push_back(std::move(service));
  return found;
}

}  // namespace

absl::StatusOr<TrueThefts> SimulateThefts(const simulate::SimulationOptions& options) {
  const std::string dir = (std::filesystem::temp_directory_path() /
                           absl::StrCat("spoor_thefts_", getpid(), "_", options.seed))
                              .string();
  std::filesystem::remove_all(dir);
  TrueThefts truth;
  const auto make = [&]() -> absl::Status {
    SPOOR_RETURN_IF_ERROR(simulate::Simulate(options, dir, nullptr).status());
    const Network& network = GetNetwork(options.network);
    truth.ledger = std::make_unique<MemoryLedger>(ChainInfoOf(network));
    SPOOR_ASSIGN_OR_RETURN(const auto directory,
                           bitcoin::BlockDirectory::Open(dir + "/blocks", network));
    SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan,
                           ScanBlockFiles(directory.get(), IngestOptions()));
    SPOOR_RETURN_IF_ERROR(
        IngestBlockFiles(directory.get(), scan, network, truth.ledger.get(), IngestOptions())
            .status());
    return ReadTruth(dir + "/truth", &truth);
  };
  const absl::Status status = make();
  std::filesystem::remove_all(dir);
  SPOOR_RETURN_IF_ERROR(status);
  return truth;
}

absl::StatusOr<std::vector<CaseFinding>> TraceThefts(const TrueThefts& truth) {
  std::vector<CaseFinding> cases;
  for (const TrueTheft& theft : truth.thefts) {
    SPOOR_ASSIGN_OR_RETURN(CaseFinding found, TraceTheft(truth, theft));
    found.only_theft = std::count_if(truth.thefts.begin(), truth.thefts.end(),
                                     [&](const auto& t) { return t.thief == theft.thief; }) == 1;
    cases.push_back(std::move(found));
  }
  return cases;
}

}  // namespace spoor
