// Prints tables of how transactions are made in real blocks and in a simulated ledger, side by
// side:
//   simulate_distributions TRANSACTIONS SEED BLOCK...
// BLOCK is a file of one raw mainnet block. docs/simulation.md has what it printed.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/script.h"
#include "spoor/simulate/simulate.h"

namespace spoor::simulate {
namespace {

// What one column of the tables is made from.
struct Sample {
  std::string name;
  uint64_t transactions = 0;
  uint64_t bytes = 0;
  uint64_t with_witness = 0;
  uint64_t with_data = 0;
  uint64_t spends_in_same_block = 0;
  uint64_t reused = 0;                    // outputs to a script that was paid before in the sample
  std::vector<uint64_t> inputs, outputs;  // per transaction
  std::vector<uint64_t> values;           // of the outputs that are not OP_RETURN
  uint64_t scripts[11] = {};              // outputs by ScriptKind
  absl::flat_hash_map<Bytes, uint64_t> paid;

  void Add(const bitcoin::Block& block);
};

void Sample::Add(const bitcoin::Block& block) {
  absl::flat_hash_set<Txid> here;
  for (const bitcoin::Transaction& tx : block.transactions) {
    here.insert(tx.txid);
    if (tx.IsCoinbase()) continue;
    ++transactions;
    bytes += bitcoin::EncodeTransaction(tx).size();
    with_witness += tx.HasWitness();
    inputs.push_back(tx.inputs.size());
    outputs.push_back(tx.outputs.size());
    for (const bitcoin::TxIn& input : tx.inputs) {
      spends_in_same_block += here.contains(input.prevout.txid);
    }
    bool data = false;
    for (const bitcoin::TxOut& output : tx.outputs) {
      const ScriptKind kind = ClassifyScript(output.script_pubkey).kind;
      ++scripts[static_cast<int>(kind)];
      if (kind == ScriptKind::kUnspendable) {
        data = true;
        continue;
      }
      values.push_back(output.value.sat());
      reused += paid[Bytes(output.script_pubkey.begin(), output.script_pubkey.end())]++ > 0;
    }
    with_data += data;
  }
}

double Percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// Hill's estimator of the exponent a in P(n) ~ n^-a, from what is at least `least`; 0 if too few.
double TailExponent(const std::vector<uint64_t>& counts, double least) {
  double sum = 0;
  int n = 0;
  for (const uint64_t count : counts) {
    if (static_cast<double>(count) < least) continue;
    // Half a step down, as whole numbers stand for the interval around them.
    sum += std::log(static_cast<double>(count) / (least - 0.5));
    ++n;
  }
  return n < 30 ? 0 : 1 + n / sum;
}

uint64_t Quantile(std::vector<uint64_t> values, double q) {
  if (values.empty()) return 0;
  const auto at = static_cast<size_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(at), values.end());
  return values[at];
}

// The share of all value that is in the largest hundredth of the outputs.
double TopShare(std::vector<uint64_t> values) {
  std::sort(values.rbegin(), values.rend());
  double top = 0, all = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    all += static_cast<double>(values[i]);
    if (i <= values.size() / 100) top += static_cast<double>(values[i]);
  }
  return all == 0 ? 0 : 100 * top / all;
}

using Cell = std::function<std::string(const Sample&)>;

void Row(const std::string& name, const std::vector<std::unique_ptr<Sample>>& samples,
         const Cell& cell) {
  std::cout << "| " << name << " |";
  for (const auto& sample : samples) std::cout << " " << cell(*sample) << " |";
  std::cout << "\n";
}

void Heading(const std::string& name, const std::vector<std::unique_ptr<Sample>>& samples) {
  std::cout << "\n";
  Row(name, samples, [](const Sample& s) { return s.name; });
  std::cout << "|---|";
  for (size_t i = 0; i < samples.size(); ++i) std::cout << "--:|";
  std::cout << "\n";
}

void DegreeRows(const std::vector<std::unique_ptr<Sample>>& samples,
                const std::vector<uint64_t> Sample::*counts) {
  struct Bin {
    const char* name;
    uint64_t least, most;
  };
  for (const Bin& bin : {Bin{"1", 1, 1}, Bin{"2", 2, 2}, Bin{"3", 3, 3}, Bin{"4–10", 4, 10},
                         Bin{"11–50", 11, 50}, Bin{"51–200", 51, 200}, Bin{"more", 201, ~0ull}}) {
    Row(absl::StrFormat("%s, %%", bin.name), samples, [&bin, counts](const Sample& s) {
      const auto n = std::count_if((s.*counts).begin(), (s.*counts).end(), [&bin](uint64_t count) {
        return count >= bin.least && count <= bin.most;
      });
      return absl::StrFormat("%.2f", Percent(static_cast<uint64_t>(n), s.transactions));
    });
  }
  Row("tail exponent, from 4", samples, [counts](const Sample& s) {
    const double exponent = TailExponent(s.*counts, 4);
    return exponent == 0 ? std::string("–") : absl::StrFormat("%.2f", exponent);
  });
}

void Print(const std::vector<std::unique_ptr<Sample>>& samples) {
  Heading("transactions", samples);
  Row("how many", samples, [](const Sample& s) { return absl::StrFormat("%d", s.transactions); });
  Row("bytes each, mean", samples, [](const Sample& s) {
    return absl::StrFormat("%.0f", static_cast<double>(s.bytes) /
                                       static_cast<double>(std::max<uint64_t>(1, s.transactions)));
  });
  Row("with a witness, %", samples, [](const Sample& s) {
    return absl::StrFormat("%.1f", Percent(s.with_witness, s.transactions));
  });
  Row("with OP_RETURN, %", samples, [](const Sample& s) {
    return absl::StrFormat("%.1f", Percent(s.with_data, s.transactions));
  });
  Row("inputs from the same block, %", samples, [](const Sample& s) {
    uint64_t inputs = 0;
    for (const uint64_t n : s.inputs) inputs += n;
    return absl::StrFormat("%.1f", Percent(s.spends_in_same_block, inputs));
  });

  Heading("inputs", samples);
  DegreeRows(samples, &Sample::inputs);
  Heading("outputs", samples);
  DegreeRows(samples, &Sample::outputs);

  Heading("value of outputs, BTC", samples);
  for (const auto& [name, q] :
       {std::pair{"5 % below", 0.05}, std::pair{"25 %", 0.25}, std::pair{"50 %", 0.5},
        std::pair{"75 %", 0.75}, std::pair{"95 %", 0.95}, std::pair{"99.9 %", 0.999}}) {
    Row(name, samples, [q = q](const Sample& s) {
      return absl::StrFormat("%.8g", static_cast<double>(Quantile(s.values, q)) / 1e8);
    });
  }
  Row("log10 of 95 % over 5 %", samples, [](const Sample& s) {
    const auto low = static_cast<double>(std::max<uint64_t>(1, Quantile(s.values, 0.05)));
    return absl::StrFormat("%.2f", std::log10(static_cast<double>(Quantile(s.values, 0.95)) / low));
  });
  Row("value in the largest 1 %, %", samples,
      [](const Sample& s) { return absl::StrFormat("%.1f", TopShare(s.values)); });

  Heading("scripts of outputs", samples);
  struct Named {
    const char* name;
    ScriptKind kind;
  };
  for (const Named& named : {Named{"P2PK", ScriptKind::kP2pk}, Named{"P2PKH", ScriptKind::kP2pkh},
                             Named{"P2SH", ScriptKind::kP2sh}, Named{"P2WPKH", ScriptKind::kP2wpkh},
                             Named{"P2WSH", ScriptKind::kP2wsh}, Named{"P2TR", ScriptKind::kP2tr},
                             Named{"bare multisig", ScriptKind::kMultisig},
                             Named{"OP_RETURN", ScriptKind::kUnspendable}}) {
    Row(absl::StrFormat("%s, %%", named.name), samples, [&named](const Sample& s) {
      uint64_t outputs = 0;
      for (const uint64_t n : s.scripts) outputs += n;
      return absl::StrFormat("%.2f", Percent(s.scripts[static_cast<int>(named.kind)], outputs));
    });
  }
  Row("to a script paid before in the sample, %", samples,
      [](const Sample& s) { return absl::StrFormat("%.1f", Percent(s.reused, s.values.size())); });
  Row("payments to a script, tail exponent", samples, [](const Sample& s) {
    std::vector<uint64_t> payments;
    for (const auto& [script, times] : s.paid) payments.push_back(times);
    const double exponent = TailExponent(payments, 4);
    return exponent == 0 ? std::string("–") : absl::StrFormat("%.2f", exponent);
  });
}

absl::Status AddRealBlock(const std::string& path, std::vector<std::unique_ptr<Sample>>* samples) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  SPOOR_ASSIGN_OR_RETURN(const bitcoin::Block block,
                         bitcoin::DecodeBlock(GetNetwork(NetworkId::kMain), bytes));
  auto sample = std::make_unique<Sample>();
  sample->name = absl::FormatTime("real, %Y-%m", absl::FromUnixSeconds(block.header.time),
                                  absl::UTCTimeZone());
  sample->Add(block);
  samples->push_back(std::move(sample));
  return absl::OkStatus();
}

// Two columns: the whole ledger, and one block, for what depends on a sample's size.
absl::Status AddSimulated(const SimulationOptions& options,
                          std::vector<std::unique_ptr<Sample>>* samples) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / "spoor_simulate_distributions").string();
  std::filesystem::remove_all(folder);
  SPOOR_ASSIGN_OR_RETURN(const SimulationSummary summary, Simulate(options, folder, nullptr));
  const Network& network = GetNetwork(options.network);
  SPOOR_ASSIGN_OR_RETURN(const auto files,
                         bitcoin::BlockDirectory::Open(folder + "/blocks", network));
  auto all = std::make_unique<Sample>();
  all->name = "simulated";
  auto one = std::make_unique<Sample>();
  one->name = "one block of it";
  std::vector<bitcoin::BlockRecord> records;
  SPOOR_RETURN_IF_ERROR(files
                            ->Scan(
                                [&records](const bitcoin::BlockRecord& record) {
                                  records.push_back(record);
                                  return absl::OkStatus();
                                },
                                nullptr)
                            .status());
  Bytes buffer;
  for (size_t i = 0; i < records.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(files->ReadBlock(records[i], &buffer));
    SPOOR_ASSIGN_OR_RETURN(const bitcoin::Block block, bitcoin::DecodeBlock(network, buffer));
    all->Add(block);
    if (i == records.size() * 9 / 10) one->Add(block);
  }
  if (all->transactions + summary.blocks != summary.transactions) {
    return absl::InternalError("the files do not hold the summary's transactions");
  }
  samples->push_back(std::move(all));
  samples->push_back(std::move(one));
  std::filesystem::remove_all(folder);
  return absl::OkStatus();
}

absl::Status Run(const std::vector<std::string>& arguments) {
  SimulationOptions options;
  if (arguments.size() < 2 || !absl::SimpleAtoi(arguments[0], &options.transactions) ||
      !absl::SimpleAtoi(arguments[1], &options.seed)) {
    return absl::InvalidArgumentError("wanted: simulate_distributions TRANSACTIONS SEED BLOCK...");
  }
  std::vector<std::unique_ptr<Sample>> samples;
  for (size_t i = 2; i < arguments.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(Annotate(AddRealBlock(arguments[i], &samples), arguments[i]));
  }
  SPOOR_RETURN_IF_ERROR(AddSimulated(options, &samples));
  Print(samples);
  return absl::OkStatus();
}

}  // namespace
}  // namespace spoor::simulate

int main(int argc, char** argv) {
  const absl::Status status = spoor::simulate::Run(std::vector<std::string>(argv + 1, argv + argc));
  if (status.ok()) return 0;
  std::cerr << "simulate_distributions: " << status.message() << "\n";
  return 1;
}
