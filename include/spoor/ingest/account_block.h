#ifndef SPOOR_INGEST_ACCOUNT_BLOCK_H_
#define SPOOR_INGEST_ACCOUNT_BLOCK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spoor/chain/amount.h"
#include "spoor/chain/hash.h"
#include "spoor/ledger/model.h"

// Blocks of an account chain, as every source of them makes them and AccountResolver takes them.

namespace spoor {

// Accounts and assets are named by their keys (AccountKeyFromText(), ledger/names.h).
struct AccountTransfer {
  enum class Kind { kFee, kTransfer, kReward };
  Kind kind = Kind::kTransfer;
  std::optional<std::string> from;  // nullopt: minted. A fee has one.
  std::optional<std::string> to;    // nullopt: burned. A fee has none.
  std::string asset;                // "": the native one
  Units amount;
  Units burned;  // of a fee: the part of `amount` that is burned (EIP-1559's base fee)
};

struct AccountTransaction {
  // 32 bytes in the order in which they are read; where a transaction is called by anything else,
  // the Keccak-256 of that (TxidFromText()).
  Txid txid;
  std::string text;  // what it is called, if that is not its hash; else empty
  // In the order of execution: the fee, then value, internal calls, tokens.
  std::vector<AccountTransfer> transfers;
};

// What the chain itself pays out, rewards and withdrawals, is a transaction of its own, whose txid
// is the block's hash and whose transfers are kReward.
struct AccountBlock {
  uint32_t height = 0;
  BlockHash hash;
  // Of a block whose height is the tip's and one: the tip's hash. A source without hashes makes
  // them up.
  BlockHash previous;
  int64_t time = 0;  // seconds since 1970-01-01 UTC
  std::vector<AccountTransaction> transactions;
  // What is known of assets that the ledger may not have yet; of any other asset of a transfer, the
  // key is all there is to say.
  std::vector<AssetInfo> assets_seen;
};

}  // namespace spoor

#endif  // SPOOR_INGEST_ACCOUNT_BLOCK_H_
