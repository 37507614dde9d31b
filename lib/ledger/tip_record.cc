#include "lib/ledger/tip_record.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/ledger/format_file.h"
#include "lib/ledger/schema.h"
#include "lib/ledger/store_view.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr char kFile[] = "TIPS";
constexpr char kBegin[] = "spoor ledger tips";
constexpr char kEnd[] = "end";

// How often a reader looks again at what does not agree, and how often if it keeps changing.
constexpr int kSameTries = 3;
constexpr int kTries = 20;

bool Same(const TipRecord::Tips& a, const TipRecord::Tips& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.height == y.second.height &&
           x.second.hash == y.second.hash;
  });
}

}  // namespace

absl::StatusOr<TipRecord::Tips> TipRecord::Read(const std::string& dir) {
  const std::string path = (std::filesystem::path(dir) / kFile).string();
  std::ifstream in(path);
  if (!in) {
    if (errno == ENOENT) return Tips();
    return absl::UnavailableError(absl::StrCat("reading ", path, ": ", std::strerror(errno)));
  }
  const auto damaged = [&](absl::string_view what) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is damaged: ", what, "; remove it, and run trace check and trace ",
                     "ingest: nothing but it tells whether the last blocks are missing"));
  };
  Tips tips;
  std::string line;
  if (!std::getline(in, line) || line != kBegin) {
    return damaged(absl::StrCat("wanted \"", kBegin, "\""));
  }
  while (std::getline(in, line)) {
    if (line == kEnd) return tips;
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    Tip tip;
    if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &tip.height)) {
      return damaged("wanted HEIGHT HASH CHAIN");
    }
    const auto hash = FromText<BlockHash>(parts[1]);
    if (!hash.ok()) return damaged(hash.status().message());
    tip.hash = *hash;
    tips[parts[2]] = tip;
  }
  return damaged("it is cut short");
}

absl::Status TipRecord::Put(const std::string& chain, const std::optional<BlockInfo>& tip) {
  Tips tips = tips_;
  if (tip.has_value()) {
    tips[chain] = {tip->height, tip->hash};
  } else {
    tips.erase(chain);
  }
  if (Same(tips, tips_)) return absl::OkStatus();
  std::string text = absl::StrCat(kBegin, "\n");
  for (const auto& [name, known] : tips) {
    absl::StrAppend(&text, known.height, " ", ToText(known.hash), " ", name, "\n");
  }
  absl::StrAppend(&text, kEnd, "\n");
  SPOOR_RETURN_IF_ERROR(WriteFileDurably(dir_, kFile, text, env_));
  tips_ = std::move(tips);
  return absl::OkStatus();
}

absl::Status TipRecord::Raise(const std::string& chain, const std::optional<BlockInfo>& tip) {
  if (lost_.contains(chain)) {
    if (!tip.has_value() || tip->height < tips_.at(chain).height) return absl::OkStatus();
    lost_.erase(chain);
  }
  return Put(chain, tip);
}

absl::Status TipRecord::Lower(const std::string& chain, const std::optional<BlockInfo>& tip) {
  const auto it = tips_.find(chain);
  if (it == tips_.end() || lost_.contains(chain)) return absl::OkStatus();
  if (tip.has_value() && tip->height >= it->second.height) return absl::OkStatus();
  return Put(chain, tip);
}

std::vector<LostBlocks> FindLostBlocks(const Database& database, const TipRecord::Tips& tips) {
  std::vector<LostBlocks> lost;
  if (tips.empty()) return lost;
  TipRecord::Tips missing = tips;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db()->NewIterator(rocksdb::ReadOptions(), database.meta()));
  uint8_t number = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next(), ++number) {
    absl::StatusOr<ChainInfo> chain = schema::DecodeChain({it->value().data(), it->value().size()});
    if (!chain.ok()) return {};
    const auto node = missing.extract(chain->name);
    if (node.empty()) continue;
    const auto view =
        StoreView::Make(&database, number, *std::move(chain), StoreView::State::kFixed);
    if (!view.ok()) continue;
    const absl::StatusOr<BlockInfo> block = (*view)->BlockAt(node.mapped().height);
    if (block.ok() ? block->hash == node.mapped().hash : !absl::IsNotFound(block.status())) {
      continue;
    }
    LostBlocks& found = lost.emplace_back();
    found.chain = node.key();
    found.height = node.mapped().height;
    found.hash = node.mapped().hash;
    if ((*view)->tip().has_value()) found.tip = (*view)->tip()->height;
  }
  if (!it->status().ok()) return {};
  for (const auto& [chain, tip] : missing) {
    lost.push_back({chain, tip.height, tip.hash, std::nullopt});
  }
  return lost;
}

std::string ToText(const LostBlocks& lost) {
  return absl::StrCat(
      "chain ", lost.chain,
      lost.tip.has_value() ? absl::StrCat(" ends at height ", *lost.tip) : " has no blocks",
      ", wanted block ", lost.height, " ", ToText(lost.hash),
      ", which was acknowledged: the write-ahead log that had it was damaged");
}

absl::Status LostBlocksError(const std::string& dir, const std::vector<LostBlocks>& lost) {
  return absl::DataLossError(absl::StrCat(
      "ledger ", dir, ": ",
      absl::StrJoin(lost, "; ",
                    [](std::string* out, const LostBlocks& l) { out->append(ToText(l)); }),
      "; run trace ingest again to fetch what is missing"));
}

absl::StatusOr<OpenDatabase> OpenDatabaseForReading(const std::string& dir, uint64_t memory) {
  // A writer may undo blocks between the reading of the record and of the database.
  for (int i = 1, same = 0;; ++i) {
    SPOOR_ASSIGN_OR_RETURN(const TipRecord::Tips tips, TipRecord::Read(dir));
    OpenDatabase open;
    SPOOR_ASSIGN_OR_RETURN(open.database,
                           Database::Open(DatabasePath(dir), Database::Mode::kRead, memory));
    open.lost = FindLostBlocks(*open.database, tips);
    if (open.lost.empty()) return open;
    SPOOR_ASSIGN_OR_RETURN(const TipRecord::Tips now, TipRecord::Read(dir));
    same = Same(tips, now) ? same + 1 : 0;
    if (same == kSameTries || i == kTries) return open;
    std::this_thread::sleep_for(std::chrono::milliseconds(10 * i));
  }
}

}  // namespace spoor
