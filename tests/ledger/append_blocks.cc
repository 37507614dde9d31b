// append_blocks DIR SEED HOW: appends the blocks of the random ledger of SEED (of accounts, if HOW
// begins with "accounts-") to the store in DIR, from where it stands, and writes how many blocks
// are sure to be there, one number to a line, whenever that changes. HOW is load (as history,
// committed every five), tip (one by one), undo (three blocks on, two of them undone and appended
// again) or mixed (all that in turns). Made to be killed.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/store.h"
#include "tests/support/random_account_ledger.h"
#include "tests/support/random_ledger.h"

namespace {

void Acknowledge(size_t blocks) {
  const std::string line = absl::StrCat(blocks, "\n");
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(1);
}

absl::Status AppendRest(const spoor::RandomLedger& ledger, const std::string& how,
                        spoor::LedgerWriter* writer) {
  using Mode = spoor::LedgerWriter::Mode;
  bool first = true;
  for (size_t i = writer->tip().has_value() ? writer->tip()->totals.blocks : 0;
       i < ledger.blocks.size(); ++i) {
    const bool history = how == "load" || (how == "mixed" && i / 16 % 2 == 0);
    if (i % 16 == 0 || first) {
      SPOOR_RETURN_IF_ERROR(writer->SetMode(history ? Mode::kHistory : Mode::kTip));
      first = false;
    }
    SPOOR_RETURN_IF_ERROR(writer->Append(ledger.blocks[i]));
    if (!history && how != "tip" && i % 3 == 2) {
      Acknowledge(i - 1);
      for (int n = 0; n < 2; ++n) SPOOR_RETURN_IF_ERROR(writer->UndoTip());
      for (size_t n = i - 1; n <= i; ++n) {
        SPOOR_RETURN_IF_ERROR(writer->Append(ledger.blocks[n]));
      }
    }
    if (history && i % 5 == 0) SPOOR_RETURN_IF_ERROR(writer->Commit());
    if (writer->view().tip().has_value()) Acknowledge(writer->view().tip()->totals.blocks);
  }
  return writer->Commit();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  absl::string_view how = argv[3];
  const bool accounts = absl::ConsumePrefix(&how, "accounts-");
  const spoor::RandomLedger ledger =
      accounts ? spoor::MakeKilledAccountLedger(seed) : spoor::MakeKilledLedger(seed);
  const auto store = spoor::LedgerStore::OpenForWriting(argv[1], {.memory = 1 << 20});
  if (!store.ok()) {
    std::cerr << store.status() << "\n";
    return 1;
  }
  const auto writer = (*store)->Writer(ledger.chain);
  if (!writer.ok()) {
    std::cerr << writer.status() << "\n";
    return 1;
  }
  const absl::Status status = AppendRest(ledger, std::string(how), writer->get());
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  return 0;
}
