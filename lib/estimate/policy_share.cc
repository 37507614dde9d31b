#include "lib/estimate/policy_share.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

using Sum = boost::multiprecision::uint512_t;

double ToDouble(const Units& units) { return units.convert_to<double>(); }

// Checks that the ends add up to what was stolen, asset by asset.
absl::Status CheckSums(const TracedPolicy& policy) {
  std::map<std::string, Sum> ends;
  for (const TracedUnits& end : policy.ends) ends[end.stolen_asset] += Sum(end.stolen);
  for (const auto& [asset, units] : policy.stolen) {
    const Sum found = ends[asset];
    if (found != Sum(units)) {
      return absl::DataLossError(absl::StrCat(policy.policy, ": found ends with ", found.str(),
                                              " stolen units of ", asset, " in all, wanted ",
                                              ToDecimal(units), ", what was stolen"));
    }
    ends.erase(asset);
  }
  for (const auto& [asset, units] : ends) {
    if (units == 0) continue;
    return absl::DataLossError(absl::StrCat(policy.policy, ": found ends with stolen units of ",
                                            asset, ", wanted only what was stolen"));
  }
  return absl::OkStatus();
}

// What prices say of one trace.
class Valuer {
 public:
  Valuer(const TracedCase& traced, const Prices* prices, int64_t horizon)
      : traced_(traced), prices_(prices), horizon_(horizon) {}

  // US dollars for a base unit at the theft.
  std::optional<double> AtTheft(const std::string& asset) const {
    const TracedCase::Asset* info = Find(asset);
    if (prices_ == nullptr || info == nullptr || info->stolen_at < 0) return std::nullopt;
    return BaseUnit(asset, info->stolen_at);
  }

  // Of the units at `end`: worth at conversion over worth at the theft. What has left the thief's
  // hands is taken to be converted when it did, the rest at the horizon.
  std::optional<double> Ratio(const TracedUnits& end, Bucket bucket) const {
    const bool same = end.asset == end.stolen_asset;
    if (same && IsDollar(end.asset)) return 1;
    const bool left = bucket == Bucket::kExchange || bucket == Bucket::kMixer ||
                      bucket == Bucket::kOtc || bucket == Bucket::kBridge;
    const std::optional<double> then = AtTheft(end.stolen_asset);
    const std::optional<double> now =
        prices_ == nullptr ? std::nullopt : BaseUnit(end.asset, left ? end.since : horizon_);
    const double worth = then.has_value() ? *then * ToDouble(end.stolen) : 0;
    if (!now.has_value() || !(worth > 0)) return std::nullopt;
    const double ratio = *now * ToDouble(same ? end.stolen : end.now) / worth;
    return std::isfinite(ratio) ? std::optional(ratio) : std::nullopt;
  }

 private:
  const TracedCase::Asset* Find(const std::string& asset) const {
    const auto it = traced_.assets.find(asset);
    return it == traced_.assets.end() ? nullptr : &it->second;
  }
  std::optional<double> BaseUnit(const std::string& asset, int64_t time) const {
    const TracedCase::Asset* info = Find(asset);
    if (info == nullptr || info->decimals < 0) return std::nullopt;
    const std::optional<double> usd = prices_->At(asset, time);
    if (!usd.has_value()) return std::nullopt;
    return *usd * std::pow(10.0, -info->decimals);
  }

  const TracedCase& traced_;
  const Prices* prices_;
  int64_t horizon_;
};

// The rows of one policy, by asset, kind and category.
using Rows = std::map<std::tuple<std::string, std::string, std::string>, TracedRow>;

void AddToRow(const TracedUnits& end, Bucket bucket, double share, Rows* rows) {
  TracedRow& row = (*rows)[{end.stolen_asset, end.kind, end.category}];
  row.bucket = bucket;
  row.stolen += end.stolen;
  row.share += share;
  ++row.endpoints;
}

void Warn(std::string text, std::vector<std::string>* warnings) {
  if (std::find(warnings->begin(), warnings->end(), text) == warnings->end()) {
    warnings->push_back(std::move(text));
  }
}

}  // namespace

bool IsDollar(absl::string_view asset) {
  static const auto* const kDollars = new std::set<std::string>{
      "BUSD", "DAI", "FDUSD", "GUSD", "PYUSD", "TUSD", "USDC", "USDP", "USDT",
      // Tether's and Circle's contracts on Ethereum.
      "0XDAC17F958D2EE523A2206206994597C13D831EC7", "0XA0B86991C6218B36C1D19D4A2E9EB0CE3606EB48"};
  return kDollars->count(absl::AsciiStrToUpper(asset.substr(asset.rfind(':') + 1))) > 0;
}

absl::StatusOr<PolicyShare> PolicyShare::Make(const TracedPolicy& policy, const TracedCase& traced,
                                              const Prices* prices, int horizon_days,
                                              std::vector<std::string>* warnings) {
  SPOOR_RETURN_IF_ERROR(CheckSums(policy));
  PolicyShare result;
  result.policy_ = policy.policy;
  const Valuer valuer(traced, prices, traced.as_of + static_cast<int64_t>(horizon_days * kDay));
  std::map<std::string, Account> accounts;
  std::map<std::string, std::optional<double>> usd;  // of what was stolen
  for (const auto& [asset, units] : policy.stolen) {
    if (units == 0) continue;
    accounts[asset];
    const std::optional<double> at_theft = valuer.AtTheft(asset);
    if (at_theft.has_value()) usd[asset] = *at_theft * ToDouble(units);
    if (prices != nullptr && !at_theft.has_value()) {
      Warn(absl::StrCat(
               "no US dollars: the price of ", asset,
               " at the theft, the date of the theft or the asset's decimals are not known"),
           warnings);
    }
  }
  if (accounts.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(policy.policy, ": found nothing stolen, wanted a trace of something"));
  }
  double patient = 0;
  Rows rows;
  for (const TracedUnits& end : policy.ends) {
    if (end.stolen == 0) continue;
    Account::Part part;
    part.bucket = BucketOf(end.kind, end.category);
    part.converted = end.asset != end.stolen_asset;
    part.share = ToDouble(end.stolen) / ToDouble(policy.stolen.at(end.stolen_asset));
    const double age = std::max(0.0, static_cast<double>(traced.as_of - end.since) / kDay);
    part.days = age + horizon_days;
    part.ratio = valuer.Ratio(end, part.bucket);
    accounts[end.stolen_asset].Add(part);
    AddToRow(end, part.bucket, part.share, &rows);
    if (part.bucket == Bucket::kHeld && age > 365) patient += part.share;
  }
  if (patient > 0.01) {
    Warn(
        "some of the units have rested for more than a year already when the ledger ends: "
        "`held_1y` "
        "says how much is still held after a year, and does not know that these have proved "
        "patient, "
        "so less of them may become usable than computed",
        warnings);
  }
  double total = 0;
  for (const auto& [asset, value] : usd) total += value.value_or(0);
  if (usd.size() == accounts.size() && total > 0 && std::isfinite(total)) {
    result.stolen_usd_ = total;
  }
  for (auto& [asset, account] : accounts) {
    account.Seal();
    result.accounts_.push_back(std::move(account));
    const std::optional<double> part = usd[asset];
    result.weights_.push_back(result.stolen_usd_.has_value() ? *part / total : 1);
  }
  for (auto& [key, row] : rows) {
    row.policy = policy.policy;
    std::tie(row.asset, row.kind, row.category) = key;
    const std::optional<double> at_theft = valuer.AtTheft(row.asset);
    if (at_theft.has_value()) row.usd = *at_theft * ToDouble(row.stolen);
    result.rows_.push_back(std::move(row));
  }
  std::sort(result.rows_.begin(), result.rows_.end(), [](const TracedRow& a, const TracedRow& b) {
    return std::tie(a.asset, b.stolen, a.kind, a.category) <
           std::tie(b.asset, a.stolen, b.kind, b.category);
  });
  return result;
}

ShareRange PolicyShare::Usable(const Draw& draw) const {
  if (accounts_.size() == 1) {
    const Share share = accounts_[0].Usable(draw);
    return {share, share};
  }
  ShareRange range;
  for (size_t i = 0; i < accounts_.size(); ++i) {
    const Share share = accounts_[i].Usable(draw);
    if (stolen_usd_.has_value()) {
      range.least.units += share.units * weights_[i];
      range.least.value += share.value * weights_[i];
    } else if (i == 0) {
      range = {share, share};
    } else {
      range.least.units = std::min(range.least.units, share.units);
      range.least.value = std::min(range.least.value, share.value);
      range.most.units = std::max(range.most.units, share.units);
      range.most.value = std::max(range.most.value, share.value);
    }
  }
  if (stolen_usd_.has_value()) range.most = range.least;
  return range;
}

}  // namespace spoor
