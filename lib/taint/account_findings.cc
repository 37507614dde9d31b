#include "lib/taint/account_findings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// What any number of units comes to that may go round many times.
Units Clipped(const Uint512& sum) {
  constexpr auto kMost = std::numeric_limits<Units>::max();
  return sum > kMost ? kMost : static_cast<Units>(sum);
}

bool IsSummed(EndpointKind kind) {
  return kind == EndpointKind::kService || kind == EndpointKind::kOutside;
}

}  // namespace

Endpoint PlaceOf(const Movement& movement) {
  Endpoint place;
  place.asset = movement.asset;
  place.position = movement.position;
  place.height = place.first_height = movement.height;
  place.txid = movement.txid;
  place.at_output = false;
  return place;
}

Path::Place PathPlaceOf(const Movement& movement) {
  const bool transfer = movement.kind == MovementKind::kTransfer;
  return {movement.position, Txid(), transfer, transfer ? movement.index : 0};
}

AccountFindings::AccountFindings(uint32_t chain, const std::vector<AccountOrigin>* origins,
                                 ParcelForm form, bool flows, size_t paths,
                                 std::vector<Units> seed_limits)
    : chain_(chain),
      origins_(*origins),
      form_(form),
      with_flows_(flows),
      seed_limits_(std::move(seed_limits)),
      stolen_(origins->size() + 1),
      paths_(paths) {
  if (paths_ > 0) ways_.emplace();
}

bool AccountFindings::Mark(const AccountMark& mark, const Path::Place& place, const Units& most,
                           const Units& amount, AccountParcel* parcel) {
  Units& limit = seed_limits_[mark.seed];
  bool changed = false;
  const uint32_t way =
      ways_.has_value() ? ways_->Begin(origins_[mark.origin - 1].source, place) : 0;
  const Units units =
      MarkParcel(mark.origin, way, std::min(limit, most), form_, amount, parcel, &changed);
  limit -= units;
  stolen_[mark.origin] += units;
  return changed;
}

void AccountFindings::Extend(const Path::Place& place, AccountParcel* parcel) {
  if (!ways_.has_value()) return;
  labels_.clear();
  for (AccountLot& lot : *parcel) {
    for (LotWay& part : lot.ways) labels_.push_back(&part.way);
  }
  ways_->Extend(place, labels_);
}

void AccountFindings::AddLots(const std::vector<AccountLot>& lots, size_t index) {
  Endpoint* const end = &endpoints_[index];
  for (const AccountLot& lot : lots) {
    if (lot.origin == kClean) continue;
    for (const LotWay& part : lot.ways) {
      came_[index].push_back({part.way, came_[index].size(), part.units});
      ++came_count_;
    }
    const AccountOrigin& origin = origins_[lot.origin - 1];
    const auto it = std::lower_bound(end->origins.begin(), end->origins.end(), origin,
                                     [](const OfOrigin& known, const AccountOrigin& wanted) {
                                       return std::tie(known.source, known.asset) <
                                              std::tie(wanted.source, wanted.asset);
                                     });
    if (it != end->origins.end() && it->source == origin.source && it->asset == origin.asset) {
      it->tainted += lot.units;
      it->stolen += lot.stolen;
    } else {
      end->origins.insert(it, {origin.source, origin.asset, lot.units, lot.stolen});
    }
    if (form_ != ParcelForm::kCeiling) {
      end->tainted += lot.units;
      end->stolen += lot.stolen;
    }
  }
}

size_t AccountFindings::Add(Endpoint end) {
  endpoints_.push_back(std::move(end));
  if (ways_.has_value()) came_.emplace_back();
  return endpoints_.size() - 1;
}

size_t AccountFindings::Summed(const Endpoint& end) {
  const auto [it, added] = summed_.try_emplace({end.kind, end.owner, end.asset}, endpoints_.size());
  if (added) return Add(end);
  Endpoint& sum = endpoints_[it->second];
  sum.amount += end.amount;
  sum.hops = std::min(sum.hops, end.hops);
  sum.first_height = std::min(sum.first_height, end.first_height);
  if (end.position >= sum.position) {
    sum.position = end.position;
    sum.height = end.height;
    sum.txid = end.txid;
  }
  return it->second;
}

void AccountFindings::AddEnd(Endpoint end, const AccountParcel& parcel) {
  if (end.amount == 0) return;
  end.chain = chain_;
  const Units amount = end.amount;
  const size_t into = IsSummed(end.kind) ? Summed(end) : Add(std::move(end));
  AddLots(parcel, into);
  if (form_ == ParcelForm::kCeiling) {
    endpoints_[into].tainted += amount;
    endpoints_[into].stolen += amount;
  }
}

void AccountFindings::AddDust(const Endpoint& place, const std::vector<AccountLot>& dust) {
  if (dust.empty()) return;
  Endpoint end = place;
  end.chain = chain_;
  end.kind = EndpointKind::kBelowLeast;
  end.amount = 0;
  AddLots(dust, Summed(end));
}

void AccountFindings::AddFlow(AddressId from, AddressId to, AssetId asset,
                              const AccountParcel& parcel, const Units& amount,
                              const Endpoint& place) {
  if (!with_flows_ || parcel.empty()) return;
  FlowSum& flow = flows_[{from, to, asset}];
  const Units tainted = TaintedUnits(parcel, form_, amount);
  flow.tainted += tainted;
  if (flow.movements == 0 || flow.last != place.position) {
    ++flow.movements;
    flow.last = place.position;
  }
  if (flow.transactions.size() < Flow::kMostTransactions &&
      (flow.transactions.empty() || flow.transactions.back().txid != place.txid)) {
    flow.transactions.push_back({place.txid, place.height, 0});
    ++transactions_;
  }
  if (flow.transactions.back().txid == place.txid) flow.transactions.back().tainted += tainted;
}

void AccountFindings::AddConversion(ConversionOnTheWay conversion, const AccountParcel& parcel) {
  conversion.chain = chain_;
  conversion.tainted = TaintedUnits(parcel, form_, conversion.gave);
  conversions_.push_back(conversion);
}

uint64_t AccountFindings::memory() const {
  return flows_.capacity() * (sizeof(typename decltype(flows_)::value_type) + 1) +
         endpoints_.capacity() * sizeof(Endpoint) + (ways_.has_value() ? ways_->memory() : 0) +
         came_.capacity() * sizeof(came_[0]) + came_count_ * 3 / 2 * sizeof(UnitWays::Came) +
         endpoints_.size() * (sizeof(OfOrigin) + sizeof(std::pair<SourceId, Units>)) +
         transactions_ * sizeof(Flow::Transaction) +
         summed_.capacity() * (sizeof(typename decltype(summed_)::value_type) + 1) +
         conversions_.capacity() * sizeof(ConversionOnTheWay) +
         openings_.capacity() * (sizeof(Holding) + 1);
}

absl::Status AccountFindings::Finish(PathMemory memory, PolicyResult* result) {
  result->most_lots = std::max(result->most_lots, most_lots_);
  std::vector<Units> ended(stolen_.size());
  for (Endpoint& end : endpoints_) {
    for (const OfOrigin& part : end.origins) {
      const auto origin = std::lower_bound(origins_.begin(), origins_.end(),
                                           AccountOrigin{part.source, part.asset});
      ended[static_cast<size_t>(origin - origins_.begin()) + 1] += part.stolen;
      if (!end.by_source.empty() && end.by_source.back().first == part.source) {
        if (form_ != ParcelForm::kCeiling) end.by_source.back().second += part.stolen;
      } else {
        end.by_source.emplace_back(part.source, part.stolen);
      }
    }
  }
  if (form_ != ParcelForm::kCeiling) SPOOR_CHECK(ended == stolen_);
  for (size_t i = 1; i < stolen_.size(); ++i) {
    if (stolen_[i] == 0) continue;
    result->stolen.push_back({origins_[i - 1].source, chain_, origins_[i - 1].asset, stolen_[i]});
  }
  uint64_t bytes = 0;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    Endpoint& end = endpoints_[i];
    if (ways_.has_value()) {
      end.paths = ways_->Strongest(paths_, std::move(came_[i]));
      for (const Path& path : end.paths) bytes += MemoryOf(path);
      SPOOR_RETURN_IF_ERROR(memory(bytes));
    }
    result->endpoints.push_back(std::move(end));
  }
  for (const auto& [key, flow] : flows_) {
    const auto& [from, to, asset] = key;
    result->flows.push_back(
        {chain_, asset, from, to, Clipped(flow.tainted), flow.movements, flow.transactions});
  }
  std::sort(conversions_.begin(), conversions_.end(),
            [](const ConversionOnTheWay& a, const ConversionOnTheWay& b) {
              return std::tie(a.position, a.owner) < std::tie(b.position, b.owner);
            });
  result->conversions.insert(result->conversions.end(), conversions_.begin(), conversions_.end());
  result->movements += movements_;
  result->opening_balances += openings_.size();
  return absl::OkStatus();
}

}  // namespace spoor
