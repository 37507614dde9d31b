#ifndef SPOOR_LIB_LEDGER_SCHEMA_H_
#define SPOOR_LIB_LEDGER_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/base/varint.h"
#include "spoor/ledger/model.h"

// Every key and value of the store, byte by byte. Change anything here and raise
// LedgerStore::kFormat.
//
// A ledger is a directory with
//   FORMAT       one line of text, "spoor ledger format N", written last when the ledger is made
//   rocksdb/     the database
//   batch/       sorted files on their way into the database; of no use to anybody after a crash
//
// Keys begin with the chain's number in this ledger, one byte C. Numbers in keys are big-endian, so
// that rows sort in their order; P, a position, and A, an address id, take five bytes (10^12).
// "varint" is LEB128 (base/varint.h). Column families:
//
//   default      "chain" C          -> the chain: see EncodeChain
//   blocks       C height(4)        -> the block and the chain's totals up to it: see EncodeBlock.
//                                      The last one is the tip: there is no other record of it.
//   movements    C P/16             -> a chunk: those of these 16 movements that there are, the
//                                      spenders of their outputs included: see EncodeMovement.
//                                      Spending an output is a merge operand, and so are adding to
//                                      a chunk and taking away from it.
//   txids        C txid[0..8) P     -> empty. Eight bytes of a txid nearly always tell, and the
//                                      movement has all of it. Written blind, without a read.
//   addresses    C A                -> P(5) and the address key: see EncodeAddressRow
//   address_ids  C key              -> A
//   receipts     C A P              -> empty: P takes something for A. Not of the P that A's own
//                                      row names: most addresses are paid once, when they appear.
//   keys         C A                -> what inputs have revealed of A: see EncodeRevealed.
//                                      Revealing it again is a merge operand: the first one stays.
//   table.NAME   what the layers above keep in a LedgerTable: their bytes. Made when first written,
//                so a ledger may lack it.
//   account.*    what account chains have in the place of movements, and beside: see
//                lib/ledger/account_schema.h. Made when the first one is added.
//
// Nothing else is stored. Undoing a block needs no record of its own: the movements say what to
// take back, and the block before says what the totals and the number of addresses were.

namespace spoor::schema {

inline constexpr char kBlocks[] = "blocks";
inline constexpr char kMovements[] = "movements";
inline constexpr char kTxids[] = "txids";
inline constexpr char kAddresses[] = "addresses";
inline constexpr char kAddressIds[] = "address_ids";
inline constexpr char kReceipts[] = "receipts";
inline constexpr char kKeys[] = "keys";
inline constexpr char kTablePrefix[] = "table.";

// 2^40 - 1 stands for "none", so the last position or address id is one less.
inline constexpr uint64_t kNone40 = (uint64_t{1} << 40) - 1;
// The leading bytes of a txids key that a lookup knows: the chain and eight bytes of the txid.
inline constexpr size_t kTxidPrefix = 9;

std::string ChainKey(uint8_t chain);
std::string BlockKey(uint8_t chain, uint32_t height);
// So many movements of a UTXO chain share a row; one of an account chain has its own.
inline constexpr uint64_t kInChunk = 16;
// Which row of its table has a movement, and that row's key.
inline uint64_t MovementRow(Family family, Position position) {
  return family == Family::kAccount ? position.number : position.number / kInChunk;
}
std::string MovementKey(Family family, uint8_t chain, Position position);
std::string TxidPrefix(uint8_t chain, const Txid& txid);
std::string TxidKey(uint8_t chain, const Txid& txid, Position position);
// From the first eight bytes of the txid, as a big-endian number.
std::string TxidKey(uint8_t chain, uint64_t txid_head, Position position);
std::string AddressRowKey(uint8_t chain, AddressId id);
std::string AddressIdKey(uint8_t chain, absl::string_view address_key);
std::string RevealedKey(uint8_t chain, AddressId id);
std::string ReceiptPrefix(uint8_t chain, AddressId id);
std::string ReceiptKey(uint8_t chain, AddressId id, Position position);

// The number in the last five bytes of a key. Requires five bytes at least.
uint64_t TrailingNumber(absl::string_view key);

// What the row of an address says.
struct AddressRow {
  // The first movement of the block that brought the address which took something for it; nullopt
  // if none did.
  std::optional<Position> first_receipt;
  absl::string_view key;
};

// P(5), big-endian, kNone40 if there is none, then the address key.
inline constexpr size_t kFirstReceiptSize = 5;
void EncodeAddressRow(const AddressRow& row, std::string* out);
// Has an encoded row name `position`, in place, if it names none. Whether it does then.
bool SetFirstReceipt(Position position, char* row);
// DATA_LOSS if `value` is too short. The key lies in `value`.
absl::StatusOr<AddressRow> DecodeAddressRow(AddressId id, absl::string_view value);

// Five bytes, big-endian.
std::string EncodeAddressId(AddressId id);
absl::StatusOr<AddressId> DecodeAddressId(absl::string_view value);

// family(1), then name, network, symbol, each a varint length and its bytes, then decimals(1); of
// an account chain flags(1): 1 internal transfers are missing.
std::string EncodeChain(const ChainInfo& chain);
absl::StatusOr<ChainInfo> DecodeChain(absl::string_view value);

// hash(32) previous(32), then varints: time and order_time (zigzag), bits, first, and the totals in
// the order of LedgerTotals, assets only if there are any. The height is in the key.
std::string EncodeBlock(const BlockInfo& block);
absl::StatusOr<BlockInfo> DecodeBlock(uint32_t height, absl::string_view value);

// A movement of a UTXO chain:
//   number of outputs(varint)
//   txid(32)  flags(1): 1 coinbase  height(varint)  fingerprint(varint): Fingerprint::Code()
//   number of gives(varint), each:
//     distance(varint): position - the position of the output spent; 0 if that is not in the ledger
//     then index(varint) owner(varint), or, after distance 0, one of
//       0(1)                  unresolved
//       1(1) owner(varint)    outside
//     amount(varint)
//   for each output:
//     owner(varint)   0: burned
//     amount(varint)
//   spenders: for each output five bytes, little-endian, kNone40 while it is unspent
// An owner is the address id + 1, 0 for nobody. The position is in the key. What was minted (in a
// coinbase all, else nothing) and the fee follow from the rest.
// Requires amounts of at most 64 bits.
void EncodeMovement(const Movement& movement, std::string* out);
// Fills all of `*out`, reusing its memory. DATA_LOSS if `value` is not exactly that.
absl::Status DecodeMovement(Position position, absl::string_view value, Movement* out);

// P(5), big-endian, then the bytes that were shown there. Of two values of a row the lesser counts.
std::string EncodeRevealed(Position first, absl::string_view bytes);
// DATA_LOSS if they cannot be what is kept of an address.
absl::StatusOr<RevealedScript> DecodeRevealed(AddressId id, absl::string_view value);

// A chunk: its movements from the first of its positions on, each its size(varint) and its bytes.
void AppendToChunk(absl::string_view movement, std::string* chunk);
// What stands before a movement of that size, to `out`, which must have room for kMostChunkHead
// bytes. Returns where it ends.
inline constexpr size_t kMostChunkHead = kMostVarint;
inline char* PutChunkHead(size_t size, char* out) { return PutVarint(size, out); }
// Takes the first movement from the front of a chunk. False, and nothing is taken, if there is
// none, or one that is cut short.
bool ConsumeFromChunk(absl::string_view* chunk, absl::string_view* movement);
// The movement at `position`, which is one of the chunk's; nullopt if it is not in it.
std::optional<absl::string_view> FindInChunk(absl::string_view chunk, Position position);

// A merge operand on a chunk is any number of entries, applied in order. In the low four bits of
// its first byte each has a place in the chunk:
//   0x00  output(4) spender(5)   an output of the movement there is spent; by kNone40, it is not
//   0x40  size(4) and so many bytes of movements as in a chunk, which has that many so far
//   0x80                         from there on there are no more movements
// The numbers are little-endian.
void AppendSpend(Position position, uint32_t output, std::optional<Position> spender,
                 std::string* operand);
void AppendAddition(Position first, absl::string_view movements, std::string* operand);
void AppendCut(Position end, std::string* operand);
// Applies an operand to a chunk in place: the spenders stand at a fixed distance from a movement's
// end, so nothing is decoded. False, with `*chunk` unspecified, if it does not fit.
bool ApplyToChunk(absl::string_view operand, std::string* chunk);
// Marks an output of an encoded movement as spent, in place. `end` points behind the movement,
// which has `outputs` outputs. Requires output < outputs.
void SetSpender(uint32_t output, uint32_t outputs, Position spender, char* end);

}  // namespace spoor::schema

#endif  // SPOOR_LIB_LEDGER_SCHEMA_H_
