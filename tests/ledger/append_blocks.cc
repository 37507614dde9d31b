// append_blocks DIR SEED: appends the blocks of the random ledger of SEED to the store in DIR, from
// where it stands, and writes the number of blocks there are, one to a line, once they are. Made to
// be killed.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "spoor/ledger/store.h"
#include "tests/support/random_ledger.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const spoor::RandomLedger ledger = spoor::MakeKilledLedger(std::strtoull(argv[2], nullptr, 10));
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
  const auto tip = (*writer)->view().tip();
  for (size_t i = tip.has_value() ? tip->totals.blocks : 0; i < ledger.blocks.size(); ++i) {
    absl::Status status = (*writer)->Append(ledger.blocks[i]);
    if (status.ok() && i % 4 == 3) {  // as if the chain had been reorganised
      status = (*writer)->UndoTip();
      if (status.ok()) status = (*writer)->Append(ledger.blocks[i]);
    }
    if (!status.ok()) {
      std::cerr << status << "\n";
      return 1;
    }
    const std::string line = absl::StrCat(i + 1, "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
  }
  return 0;
}
