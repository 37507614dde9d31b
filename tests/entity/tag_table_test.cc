#include "spoor/entity/tag_table.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

using testing::IsEmpty;

constexpr char kA[] = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

std::map<std::string, std::string> RowsOf(const LedgerTable& table) {
  std::map<std::string, std::string> rows;
  EXPECT_TRUE(table
                  .Scan("", "",
                        [&](absl::string_view key, absl::string_view value) {
                          rows[std::string(key)] = std::string(value);
                          return absl::OkStatus();
                        })
                  .ok());
  return rows;
}

TagTable::Change Put(MemoryTable* rows, absl::string_view name, absl::string_view text) {
  auto table = TagTable::Open(rows);
  EXPECT_TRUE(table.ok());
  TagListReader reader;
  const absl::Status status = reader.Read(name, text);
  EXPECT_TRUE(status.ok()) << status;
  const auto change = table->Put(reader);
  EXPECT_TRUE(change.ok()) << change.status();
  return *change;
}

Tag MakeTag(Category category, std::string actor, int confidence, int64_t date = 0) {
  Tag tag;
  tag.label = "label of " + actor;
  tag.actor = std::move(actor);
  tag.category = category;
  tag.confidence = confidence;
  tag.date = date;
  return tag;
}

TEST(Label, TheStrongestClaimSpeaks) {
  Label label;
  EXPECT_EQ(label.category(), Category::kUnknown);
  EXPECT_EQ(label.actor(), "");
  label.Add(MakeTag(Category::kUnknown, "", 5));
  EXPECT_EQ(label.actor(), "label of ");
  EXPECT_EQ(label.named_actor(), "");
  // A state's list names somebody, and does not say what they are.
  label.Add(MakeTag(Category::kSanctioned, "SUEX OTC", 60));
  EXPECT_EQ(label.category(), Category::kSanctioned);
  EXPECT_EQ(label.actor(), "SUEX OTC");
  label.Add(MakeTag(Category::kExchange, "", 20));
  EXPECT_EQ(label.category(), Category::kExchange);
  EXPECT_EQ(label.actor(), "SUEX OTC");
  EXPECT_THAT(label.Conflicts(), IsEmpty());
  label.Add(MakeTag(Category::kExchange, "suex-otc", 10));
  EXPECT_EQ(label.actor(), "suex-otc");
  EXPECT_EQ(label.named_actor(), "suexotc");
  EXPECT_THAT(label.Conflicts(), IsEmpty());
  label.Add(MakeTag(Category::kMixingService, "Blender", 15));
  EXPECT_EQ(label.category(), Category::kExchange);
  ASSERT_EQ(label.Conflicts().size(), 1u);
  EXPECT_EQ(label.Conflicts()[0].actor, "Blender");
  label.Add(MakeTag(Category::kMixingService, "Blender", 70));
  EXPECT_EQ(label.category(), Category::kMixingService);
  EXPECT_EQ(label.actor(), "Blender");
  EXPECT_EQ(label.confidence(), 70);
  EXPECT_EQ(label.Conflicts().size(), 3u);
  EXPECT_EQ(label.tags(), 6u);
}

TEST(Label, AnyDateHasAnOrder) {
  Label label;
  for (const std::optional<int64_t> date :
       {std::optional<int64_t>(), std::optional<int64_t>(std::numeric_limits<int64_t>::min()),
        std::optional<int64_t>(std::numeric_limits<int64_t>::max())}) {
    Tag tag;
    tag.label = tag.actor = "a";
    tag.date = date;
    label.Add(tag);
  }
  ASSERT_EQ(label.claims().size(), 1u);
  EXPECT_EQ(label.claims()[0].date, std::numeric_limits<int64_t>::max());
}

TEST(Label, OrderAndGroupingDoNotMatter) {
  std::mt19937_64 rng(/*seed=*/20250711);
  for (int round = 0; round < 200; ++round) {
    std::vector<Tag> tags(rng() % 60);
    for (Tag& tag : tags) {
      tag = MakeTag(static_cast<Category>(rng() % kCategories),
                    rng() % 4 == 0 ? "" : absl::StrCat("actor ", rng() % 9),
                    static_cast<int>(rng() % 8), static_cast<int64_t>(rng() % 3));
    }
    Label whole;
    for (const Tag& tag : tags) whole.Add(tag);
    std::shuffle(tags.begin(), tags.end(), rng);
    Label left, right;
    for (const Tag& tag : tags) (rng() % 2 == 0 ? left : right).Add(tag);
    left.Add(right);
    EXPECT_EQ(left, whole);
    const auto back = Label::Decode(whole.Encode());
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, whole);
    const std::string row = whole.Encode();
    for (size_t n = 0; n < row.size(); ++n) (void)Label::Decode(row.substr(0, n));
  }
}

TEST(TagTable, TheSameAgainChangesNothing) {
  MemoryTable rows;
  const std::string text = absl::StrCat("address,label,category\n", kA, ",x,exchange\n", kA,
                                        ",y,gambling\n", kA, ",x,exchange\n");
  EXPECT_EQ(Put(&rows, "a.csv", text).added, 2u);
  const auto before = RowsOf(rows);
  const TagTable::Change change = Put(&rows, "a.csv", text);
  EXPECT_EQ(change.added + change.removed, 0u);
  EXPECT_EQ(RowsOf(rows), before);
  const auto table = TagTable::Open(&rows);
  EXPECT_EQ(table->Tags(*TagKey(kA, ""))->size(), 2u);
  EXPECT_EQ(table->Lists()->size(), 1u);
  EXPECT_EQ(table->LabelOf(*TagKey(kA, ""))->tags(), 2u);
}

TEST(TagTable, AnotherFormatIsRefused) {
  MemoryTable rows;
  ASSERT_TRUE(rows.Write({{"f", "\x02"}}).ok());
  EXPECT_EQ(TagTable::Open(&rows).status().code(), absl::StatusCode::kFailedPrecondition);
}

// Lists come, change and shrink; what is there is what their last versions say, and the same as if
// nothing else had ever been there.
TEST(TagTable, HoldsTheLastVersionOfEveryList) {
  const RandomLedger ledger = MakeRandomLedger(7);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  std::vector<std::string> addresses;
  for (uint64_t i = 0; i < chain.tip()->totals.addresses; ++i) {
    const auto name = NameOwner(chain, AddressId{i});
    ASSERT_TRUE(name.ok());
    if (name->is_address) addresses.push_back(name->text);
  }
  ASSERT_GT(addresses.size(), 20u);
  std::mt19937_64 rng(/*seed=*/3);
  const auto random_list = [&] {
    std::string text = "address,label,category,source,confidence\n";
    for (size_t n = rng() % 30; n > 0; --n) {
      absl::StrAppend(&text, addresses[rng() % 20], ",actor ", rng() % 4, ",",
                      CategoryName(static_cast<Category>(rng() % kCategories)), ",me,", rng() % 5,
                      "\n");
    }
    return text;
  };
  MemoryTable rows;
  std::map<std::string, std::string> lists;
  for (int step = 0; step < 60; ++step) {
    const std::string name = absl::StrCat(rng() % 4, ".csv");
    lists[name] = random_list();
    Put(&rows, name, lists[name]);

    MemoryTable fresh;
    for (const auto& [list, text] : lists) Put(&fresh, list, text);
    const auto table = TagTable::Open(&rows);
    const auto wanted = TagTable::Open(&fresh);
    std::map<std::string, Label> labels, wanted_labels;
    const auto into = [](std::map<std::string, Label>* out) {
      return [out](absl::string_view key, const Label& label) {
        (*out)[std::string(key)] = label;
        return absl::OkStatus();
      };
    };
    ASSERT_TRUE(table->VisitLabels(into(&labels)).ok());
    ASSERT_TRUE(wanted->VisitLabels(into(&wanted_labels)).ok());
    ASSERT_EQ(labels, wanted_labels);
    for (const auto& [key, label] : labels) {
      const auto tags = table->Tags(key);
      ASSERT_TRUE(tags.ok());
      EXPECT_EQ(tags->size(), label.tags());
      Label again;
      for (const TagTable::Found& found : *tags) again.Add(found.tag);
      EXPECT_EQ(again, label);
    }

    // Every seventh address is of one party.
    const FindCluster find = [](AddressId id) { return AddressId{id.number % 7}; };
    ClusterState state;
    state.addresses = chain.tip()->totals.addresses;
    ASSERT_TRUE(WriteClusterLabels(chain, find, state, &rows).ok());
    std::map<uint64_t, Label> by_cluster;
    const OwnerLabels single(&chain, &rows), clustered(&chain, &rows, find);
    for (uint64_t i = 0; i < chain.tip()->totals.addresses; ++i) {
      by_cluster[i % 7].Add(*single.Of(AddressId{i}));
    }
    std::set<uint64_t> named;
    for (uint64_t i = 0; i < chain.tip()->totals.addresses; ++i) {
      EXPECT_EQ(*clustered.Of(AddressId{i}), by_cluster[i % 7]);
      if (!single.Of(AddressId{i})->named_actor().empty()) named.insert(i);
    }
    const auto actors = TaggedActors(chain, &rows);
    ASSERT_TRUE(actors.ok());
    std::set<uint64_t> found;
    for (const auto& [id, actor] : *actors) found.insert(id.number);
    EXPECT_EQ(found, named);
  }
}

TEST(TagListReader, CountlessTagsOnOneAddress) {
  std::string text = "address,label,category,source\n";
  for (int i = 0; i < 200'000; ++i) {
    absl::StrAppend(&text, kA, ",n", i, i % 2 == 0 ? ",exchange,\n" : ",gambling,\n");
  }
  MemoryTable rows;
  TagListReader small(nullptr, /*most_bytes=*/10'000);
  EXPECT_TRUE(absl::IsResourceExhausted(small.Read("a.csv", text)));
  TagListReader reader;
  ASSERT_TRUE(reader.Read("a.csv", text).ok());
  EXPECT_EQ(reader.summary().entries, 200'000u);
  EXPECT_EQ(reader.summary().list.tags, TagListReader::kMostOnOneAddress);
  EXPECT_EQ(reader.summary().refused, 200'000u - TagListReader::kMostOnOneAddress);
  EXPECT_EQ(reader.summary().refusals.size(), TagListSummary::kRefusalsKept);
  auto table = TagTable::Open(&rows);
  ASSERT_TRUE(table->Put(reader).ok());
  EXPECT_EQ(table->LabelOf(*TagKey(kA, ""))->claims().size(), Label::kMostClaims);
}

}  // namespace
}  // namespace spoor
