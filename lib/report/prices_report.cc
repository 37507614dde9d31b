#include "spoor/report/prices_report.h"

#include "absl/strings/str_cat.h"
#include "lib/report/json.h"

namespace spoor {

std::string PricesToJson(absl::Span<const PriceFileReport> files, const Prices& ledger) {
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.prices.v1");
  json.Key("files").BeginArray();
  for (const PriceFileReport& file : files) {
    json.BeginObject();
    json.Key("file").String(file.file);
    json.Key("assets").Number(file.assets);
    json.Key("prices").Number(file.prices);
    json.EndObject();
  }
  json.EndArray();
  json.Key("ledger").BeginObject();
  json.Key("assets").Number(ledger.assets());
  json.Key("prices").Number(ledger.size());
  json.EndObject();
  json.EndObject();
  return json.Take();
}

std::string PricesToText(absl::Span<const PriceFileReport> files, const Prices& ledger) {
  std::string out;
  for (const PriceFileReport& file : files) {
    absl::StrAppend(&out, file.file, ": ", file.prices, " prices of ", file.assets, " assets\n");
  }
  absl::StrAppend(&out, "the ledger has ", ledger.size(), " prices of ", ledger.assets(),
                  " assets\n");
  return out;
}

}  // namespace spoor
