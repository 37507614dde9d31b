#ifndef SPOOR_ESTIMATE_PRICES_H_
#define SPOOR_ESTIMATE_PRICES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

// The table of a ledger that has its prices: the row "p" ASSET 0 DAY is the price as decimal text,
// DAY being days since 1970 plus 2^31, four bytes big-endian.
inline constexpr absl::string_view kPriceTable = "prices";

// US dollars for a whole coin, by asset and day (UTC).
class Prices {
 public:
  // A price holds for its day and, where the next days have none, for this many more.
  static constexpr int kStaleDays = 7;

  // CSV `date,asset,usd`, with a header in any order or without one in that order; a date is
  // YYYY-MM-DD, an asset is named as results name it (`bitcoin:BTC`) or by its symbol alone (`BTC`,
  // any case), which then holds on every chain. A later line takes the place of an earlier one of
  // the same day. INVALID_ARGUMENT, naming the line, at the first that cannot be read; nothing of
  // the text is then kept.
  absl::Status Add(absl::string_view csv);

  // The price on the day of `time` (seconds since 1970), or the latest of the kStaleDays before;
  // nullopt if there is none. `asset` is as results name it; its own prices come before those of
  // its symbol.
  std::optional<double> At(absl::string_view asset, int64_t time) const;

  // Adds what a ledger has. The table's errors; DATA_LOSS if a row is none of a price.
  absl::Status Load(const LedgerTable& table);
  // Puts these into the ledger's table, in the place of those of the same day, all or none.
  absl::Status Store(LedgerTable* table) const;

  bool empty() const { return by_asset_.empty(); }
  size_t assets() const { return by_asset_.size(); }
  size_t size() const;  // prices

 private:
  std::optional<double> Latest(const std::string& asset, int64_t day) const;

  // By asset, a symbol alone in capitals; then by days since 1970.
  std::map<std::string, std::map<int32_t, double>, std::less<>> by_asset_;
};

}  // namespace spoor

#endif  // SPOOR_ESTIMATE_PRICES_H_
