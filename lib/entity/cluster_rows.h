#ifndef SPOOR_LIB_ENTITY_CLUSTER_ROWS_H_
#define SPOOR_LIB_ENTITY_CLUSTER_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/chain/hash.h"
#include "spoor/entity/clusters.h"

// Every key and value of the table "clusters.CHAIN", byte by byte. Change anything here, or
// what a heuristic says, and raise kFormat: then they are computed anew.
//
// Clusters are trees: each address that is not alone hangs below another of its cluster, and the
// root stands for all. The smaller tree goes below the larger one's root and no path is ever
// shortened, so that each merge can be taken back and the way up is short: at most log2 of the
// cluster's size. A merge is a link: it says which root went below which, and which two addresses
// were found to belong together, where.
//
//   "S"                 -> the state: see EncodeState
//   "P"                 -> the state of a run that has not come to its end, likewise. Its links,
//                          blocks, tags and conflicts go on from those of "S" and are written as
//                          they come; its nodes follow from its links, and are written at its end.
//   "F" mark(8) id(5)   -> empty: an input revealed the key of that address, and an address of it
//                          would have that mark, of which these are the first bytes: see
//                          RevealedKeys
//   "G" g "N" page(5)   -> kPageNodes nodes of 16 bytes, those of the addresses from
//                          page * kPageNodes on, without the addresses at its end that are alone;
//                          no row if all of them are
//   "G" g "M" page(5)   -> likewise: the state says which of the two counts
//   "G" g "L" chunk(5)  -> the links from chunk * kChunkLinks on, kChunkLinks of them but in the
//                          last row; they are numbered from 0 in the order in which they were made,
//                          which is that of positions: see EncodeLinks
//   "G" g "B" height(4) -> a block that was looked at: hash(32), varints: movements, addresses
//                          (the chain's totals up to it)
//   "G" g "T" id(5)     -> actor(varint): the address was taken to be tagged as that actor's
//   "G" g "X" number(5) -> a conflict, numbered as links are: see EncodeConflict
//
// g, the generation, is one byte and in the state: other options begin a new one, and the rows of
// others are of no more use. Numbers in keys are big-endian.
namespace spoor::cluster_rows {

inline constexpr uint8_t kFormat = 4;
inline constexpr uint64_t kPageNodes = 32;
inline constexpr uint64_t kChunkLinks = 64;
inline constexpr char kStateKey[] = "S";
inline constexpr char kProgressKey[] = "P";
inline constexpr char kNodes[] = {'N', 'M'};
inline constexpr char kLinks = 'L';
inline constexpr char kBlocks = 'B';
inline constexpr char kTags = 'T';
inline constexpr char kConflicts = 'X';

// One address, in memory as in rows: two words, little-endian.
//   up(5)     of a root the size of its cluster; else the address above
//   next(5)   the next address of its cluster, in a ring through all of them
//   third(5)  of a root the cluster's first address; else the link that put it below
//   kind(1)   0 root, 1 below another
class Node {
 public:
  static constexpr size_t kSize = 16;
  static constexpr uint64_t kMost = (uint64_t{1} << 40) - 1;

  static Node Alone(uint64_t id) {
    Node node;
    node.SetUp(1);
    node.SetNext(id);
    node.SetThird(id);
    return node;
  }

  uint64_t up() const { return low_ & kMost; }
  uint64_t next() const { return low_ >> 40 | (high_ & 0xffff) << 24; }
  uint64_t third() const { return high_ >> 16 & kMost; }
  bool is_root() const { return high_ >> 56 == 0; }
  bool is_alone() const { return is_root() && up() == 1; }

  void SetUp(uint64_t v) { low_ = (low_ & ~kMost) | v; }
  void SetNext(uint64_t v) {
    low_ = (low_ & kMost) | v << 40;
    high_ = (high_ & ~uint64_t{0xffff}) | v >> 24;
  }
  void SetThird(uint64_t v) { high_ = (high_ & ~(kMost << 16)) | v << 16; }
  void SetRoot(bool root) { high_ = (high_ & ~(uint64_t{0xff} << 56)) | uint64_t{!root} << 56; }

  static void AppendAll(absl::Span<const Node> nodes, std::string* out);
  // Requires kSize bytes.
  static Node Load(const char* bytes);

 private:
  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

struct Link {
  uint64_t child = 0;         // the root that went below another
  uint64_t child_size = 0;    // addresses below it then, itself too
  uint64_t child_first = 0;   // the first of them
  uint64_t parent_first = 0;  // of the other cluster, before
  uint64_t a = 0;             // of the child's cluster
  uint64_t b = 0;             // of the other
  uint64_t position = 0;
  Heuristic heuristic = Heuristic::kCoSpend;

  friend bool operator==(const Link&, const Link&) = default;
};

struct Block {
  BlockHash hash;
  uint64_t movements = 0;
  uint64_t addresses = 0;
};

// A conflict and the roots that it kept apart: another sign for the same two is not told again.
struct Conflict {
  ClusterConflict told;
  uint64_t from_root = 0;
  uint64_t to_root = 0;
};

struct State {
  uint8_t generation = 0;
  uint8_t nodes = 0;    // which of kNodes
  uint64_t blocks = 0;  // looked at; with 0, height and hash mean nothing
  uint64_t links = 0;
  ClusterState told;  // its clusters follow from the rest
};

std::string Prefix(uint8_t generation, char kind);
// `bytes`: how many of `number` the key has.
std::string Key(uint8_t generation, char kind, uint64_t number, int bytes = 5);
// The number at the end of a key. DATA_LOSS if the key is not of `bytes` after its prefix.
absl::StatusOr<uint64_t> KeyNumber(absl::string_view key, int bytes = 5);

// A node of a page's row; alone if the row does not reach to it.
absl::StatusOr<Node> NodeInPage(absl::string_view row, uint64_t id);

// Each: a byte, the heuristic with 0x10 if the child was alone (it is `a` then) and 0x20 if `b` was
// the first address of the other cluster; then varints: position, less that of the link before in
// the row; a, b; unless alone, child, child - child_first, child_size; unless first, parent_first.
std::string EncodeLinks(absl::Span<const Link> links);
absl::StatusOr<std::vector<Link>> DecodeLinks(absl::string_view row);

std::string EncodeBlock(const Block& block);
absl::StatusOr<Block> DecodeBlock(absl::string_view row);

// Varints: reason, from, to, heuristic, position, from_size, to_size, from_root, to_root.
std::string EncodeConflict(const Conflict& conflict);
absl::StatusOr<Conflict> DecodeConflict(absl::string_view row);

// format(1) generation(1) nodes(1) hash(32), varints: heuristics (HeuristicSet::bits()), guard,
// blocks, height, movements, addresses, links, shared, largest, conflicts, the number of heuristics
// and for each its own number and its merges.
std::string EncodeState(const State& state);
// Whether it is of an older format, in which only the generation is to be understood.
bool IsOlderState(absl::string_view row, uint8_t* generation);
// FAILED_PRECONDITION if it is of another format.
absl::StatusOr<State> DecodeState(absl::string_view row);

std::string EncodeNumber(uint64_t number);
absl::StatusOr<uint64_t> DecodeNumber(absl::string_view row);

}  // namespace spoor::cluster_rows

#endif  // SPOOR_LIB_ENTITY_CLUSTER_ROWS_H_
