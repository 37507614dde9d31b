// ingest_tables FILE: prints the tables of bench/ingest.md from what bench/ingest_bench printed.

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "simdjson.h"

namespace spoor {
namespace {

constexpr double kMebi = 1 << 20;

// What a whole chain would take that has `transactions`, from a row of the document: at this rate,
// and with what sorting more rows costs more. Tables whose rows do not come in order are kept in
// levels, each ten times the one above; a row that goes down a level has about half of ten others
// there written anew with it. That is loading them, and reading them first, which costs as much.
std::string WholeChain(double transactions, simdjson::dom::element row) {
  constexpr double kMoreLevels = 2;  // than ten million transactions have
  constexpr double kRewrites = 2 * (10 / 2 + 1);
  const auto load = row["bulk_load"];
  const auto ingest = row["ingest"];
  const double share = transactions / double(ingest["transactions"]);
  double sorted = 0;
  for (const char* table : {"txids", "address_ids", "receipts", "keys"}) {
    sorted += double(load[absl::StrCat("table.", table, ".cpu_seconds")]);
  }
  return absl::StrFormat(
      "%.2g transactions at the rate of the last row: %.1f hours, %.1f of processor time; and up "
      "to "
      "%.0f more of processor time for sorting.\n",
      transactions, share * double(ingest["seconds"]) / 3600,
      share * double(ingest["cpu_seconds"]) / 3600,
      share * sorted * kMoreLevels * kRewrites / 3600);
}

absl::Status PrintTables(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  const simdjson::error_code error = parser.load(path).get(document);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", simdjson::error_message(error)));
  }
  const auto text = [](simdjson::dom::element value) {
    return std::string(std::string_view(value));
  };
  std::cout << "`" << text(document["command"]) << "`, commit " << text(document["commit"])
            << ", GCC " << text(document["compiler"]) << ", on "
            << uint64_t(document["machine"]["processors"]) << " processors ("
            << text(document["machine"]["processor"]) << "), "
            << absl::StrFormat("%.0f", double(document["machine"]["memory"]) / kMebi / 1024)
            << " GiB; --memory " << absl::StrFormat("%.0f", double(document["memory"]) / kMebi)
            << " MiB.\n\n";
  std::cout
      << "| chain | transactions | MB | outputs | read and hash, s (cpu) | bulk load, s (cpu) "
         "| ingest, s (cpu) | of the slower floor | transactions/s | cpu µs a transaction | "
         "peak resident, MiB | bytes a transaction on disk |\n"
         "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  std::vector<std::string> tables;
  std::string whole_chain;
  for (const simdjson::dom::element row : simdjson::dom::array(document["rows"])) {
    const auto hash = row["read_and_hash"];
    const auto load = row["bulk_load"];
    const auto ingest = row["ingest"];
    const auto figure = [](auto from, const char* name) { return double(from[name]); };
    const auto times = [&](auto from) {
      return absl::StrFormat("%.2f (%.2f)", figure(from, "seconds"), figure(from, "cpu_seconds"));
    };
    const double transactions = figure(ingest, "transactions");
    const double seconds = figure(ingest, "seconds");
    std::cout << absl::StrFormat(
        "| %s | %.0f | %.0f | %.0f | %s | %s | %s | %.2f | %.0f | %.2f | %.0f | %.1f |\n",
        text(row["chain"]), transactions, figure(hash, "bytes") / 1e6, figure(ingest, "outputs"),
        times(hash), times(load), times(ingest),
        seconds / std::max(figure(hash, "seconds"), figure(load, "seconds")),
        transactions / seconds, figure(ingest, "cpu_seconds") / transactions * 1e6,
        figure(ingest, "peak_resident") / kMebi, figure(ingest, "disk") / transactions);
    std::string line = absl::StrFormat("| %s | %.0f |", text(row["chain"]), transactions);
    for (const char* table :
         {"movements", "txids", "addresses", "address_ids", "receipts", "keys", "blocks"}) {
      absl::StrAppendFormat(&line, " %.1f |",
                            figure(load, absl::StrCat("table.", table).c_str()) / transactions);
    }
    tables.push_back(line);
    whole_chain = WholeChain(1.3e9, row);
  }
  std::cout << "\nBytes a transaction in each table, every row in its place:\n\n"
               "| chain | transactions | movements | txids | addresses | address_ids | receipts | "
               "keys | blocks |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            << absl::StrJoin(tables, "\n") << "\n\n"
            << whole_chain;
  return absl::OkStatus();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "wanted: ingest_tables FILE\n";
    return 2;
  }
  // simdjson throws where the document is not what ingest_bench prints.
  try {
    const absl::Status status = spoor::PrintTables(argv[1]);
    if (status.ok()) return 0;
    std::cerr << "ingest_tables: " << status.message() << "\n";
  } catch (const simdjson::simdjson_error& error) {
    std::cerr << "ingest_tables: " << argv[1] << ": " << error.what() << "\n";
  }
  return 1;
}
