#ifndef SPOOR_LEDGER_LEDGER_WRITER_H_
#define SPOOR_LEDGER_LEDGER_WRITER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// A block as the ledger takes it: every holding found, every address numbered.
struct NewBlock {
  uint32_t height = 0;
  BlockHash hash;
  BlockHash previous;
  int64_t time = 0;
  uint32_t bits = 0;
  // Keys of the addresses first seen in this block, in order; they are numbered from the tip's
  // totals.addresses on.
  std::vector<std::string> new_addresses;
  // Assets first seen in this block, in order; they are numbered from the tip's totals.assets + 1
  // on. `openings` is not read.
  std::vector<AssetInfo> new_assets;
  // Positions go on from the tip's totals.movements. `next` is not read: the writer sets it. On an
  // account chain a movement states what moves and no more: the holding and owner of its give, if
  // it has one; of its takes but the change (which it has not) kind, holding, owner and amount. The
  // writer knows the balances and sets the rest. What would bring a balance past 256 bits moves
  // nothing: its amount becomes 0, and its asset AssetInfo::lying.
  std::vector<Movement> movements;
  // Of a UTXO chain: what inputs reveal of the addresses that they spend from (chain/revealed.h),
  // in the order of the inputs. The writer keeps what was revealed first.
  struct Revealed {
    uint32_t movement = 0;  // of `movements`
    uint32_t give = 0;      // of its gives; somebody owns it
    std::string bytes;
  };
  std::vector<Revealed> revealed;
  // Of an account chain: the names of those transactions that are not called by their hashes. Each
  // name's Keccak-256 is the txid.
  std::vector<std::string> transaction_texts;
  uint64_t transactions = 0;
  uint64_t transfers = 0;
};

// LedgerWriter makes a chain longer or shorter by whole blocks. For one thread. At most one writer
// of a chain exists at a time.
class LedgerWriter {
 public:
  virtual ~LedgerWriter() = default;

  // What has been committed, always current; for the writer's thread. Invalid after the writer.
  virtual const LedgerView& view() const = 0;

  // The last block appended, committed or not; nullopt while the chain is empty.
  virtual std::optional<BlockInfo> tip() const = 0;

  // How blocks are committed: at the tip of the chain one by one as they come (the default);
  // history in batches as large as memory allows, which is many times faster. A batch is lost as a
  // whole if the process is killed before it is committed.
  enum class Mode { kTip, kHistory };
  // Commits what has been appended first.
  virtual absl::Status SetMode(Mode mode) = 0;

  // Adds a block on the tip. All or nothing, also if the process is killed. FAILED_PRECONDITION if
  // it is not the tip's successor by hash and height (the first block may have any height; on an
  // account chain heights may be left out, and a block after such a gap have any predecessor);
  // INVALID_ARGUMENT if the movements do not add up or are not numbered as NewBlock says. After any
  // other error the writer is of no more use; what was committed before stands.
  virtual absl::Status Append(const NewBlock& block) = 0;

  // When this returns OK, all that was appended is in view(), and in what other processes open.
  virtual absl::Status Commit() = 0;

  // Takes the tip away, exactly: the ledger answers as it did before that block.
  // Commits first. FAILED_PRECONDITION if the chain is empty.
  virtual absl::Status UndoTip() = 0;

  // Commits; when this returns OK, everything done before it survives a loss of power.
  virtual absl::Status Sync() = 0;
};

// The checks and sums that every writer makes: the BlockInfo of `block` on top of `tip`, or why it
// cannot stand there (the errors of LedgerWriter::Append()).
absl::StatusOr<BlockInfo> CheckNewBlock(Family family, const std::optional<BlockInfo>& tip,
                                        const NewBlock& block);

}  // namespace spoor

#endif  // SPOOR_LEDGER_LEDGER_WRITER_H_
