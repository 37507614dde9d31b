#ifndef SPOOR_LIB_ESTIMATE_ACCOUNT_H_
#define SPOOR_LIB_ESTIMATE_ACCOUNT_H_

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "lib/estimate/pert.h"
#include "spoor/estimate/traced_case.h"

namespace spoor {

// A share of the stolen units of one asset, and the part of what those were worth at the theft that
// this share is worth when it is converted.
struct Share {
  double units = 0;
  double value = 0;
};

// Where the units of one stolen asset are by one policy: the usable share of them as a function of
// the parameters (docs/estimate.md). It never falls where RaisesEstimate() says so, and never rises
// elsewhere: so extremes are at the ends of all ranges.
class Account {
 public:
  struct Part {
    Bucket bucket = Bucket::kHeld;
    bool converted = false;       // is another asset by now: the swap is on the ledger
    double share = 0;             // of what was stolen of the asset
    double days = 0;              // there at the horizon
    std::optional<double> ratio;  // of prices, conversion to theft; nullopt: price_ratio
  };

  void Add(const Part& part);
  // To be called once, after all parts.
  void Seal();

  Share Usable(const Draw& draw) const;

 private:
  // A share in three measures: of units; of value where the ratio of prices is known, times it; and
  // where it is not.
  struct Weight {
    double units = 0, known = 0, open = 0;

    void Add(const Weight& other, double times);
  };
  // Parts that pass alike and have the same steps before them.
  struct Group {
    Bucket bucket = Bucket::kHeld;
    bool pays_conversion = true;
    // Of held parts: 1 - held(t) is base - held_45d * by_45d - held_1y * by_1y of them.
    Weight base, by_45d, by_1y;
    // Of others: sum of weight * min(1, days / days_to_cash). Sorted by days; of the first so many
    // parts, the sums of weight * days.
    std::vector<std::pair<double, Weight>> parts;
    std::vector<Weight> day_sums;
    std::vector<Weight> sums;
    Weight Timed(double days_to_cash) const;
  };

  std::map<std::pair<Bucket, bool>, Group> building_;
  std::vector<Group> groups_;
  double held_ = 0;  // shares of units
  double frozen_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ESTIMATE_ACCOUNT_H_
