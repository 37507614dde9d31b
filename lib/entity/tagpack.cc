#include <array>
#include <istream>
#include <map>
#include <optional>
#include <set>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/entity/raw_tag.h"
#include "lib/entity/tag_readers.h"
#include "spoor/entity/category.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

// A pack is read as a stream of events, which hold nothing but their own text. An alias is never
// expanded but into one scalar, and anchors are counted, so there is nothing that could grow.
// Fields of the header may stand behind the tags, and hold for them all the same: so a file is read
// twice.

namespace spoor {
namespace {

// Leaves the parser from within one of its events.
struct Stop {
  absl::Status status;
};

[[noreturn]] void Fail(const YAML::Mark& mark, absl::string_view what) {
  throw Stop{absl::DataLossError(absl::StrCat("line ", mark.line + 1, ": ", what))};
}

std::string RawTag::*FieldNamed(absl::string_view key) {
  constexpr std::array<std::pair<absl::string_view, std::string RawTag::*>, 11> kFields = {{
      {"address", &RawTag::address},
      {"currency", &RawTag::currency},
      {"network", &RawTag::currency},
      {"asset", &RawTag::currency},
      {"label", &RawTag::label},
      {"actor", &RawTag::actor},
      {"category", &RawTag::category},
      {"abuse", &RawTag::abuse},
      {"source", &RawTag::source},
      {"confidence", &RawTag::confidence},
      {"lastmod", &RawTag::date},
  }};
  for (const auto& [name, field] : kFields) {
    if (key == name) return field;
  }
  return nullptr;
}

// Most anchors of a file. Packs have none, or a few.
constexpr YAML::anchor_t kMostAnchors = 10'000;

// What the text of an event may be long: longer ones are refused as fields all the same.
std::string Short(const std::string& value) { return value.substr(0, kLongestTagField + 1); }

class PackHandler : public YAML::EventHandler {
 public:
  // Reads the header if `sink` is null, else the tags.
  PackHandler(TagSink* sink, RawTag* header, std::string* title)
      : sink_(sink), header_(header), title_(title) {}

  bool has_tags() const { return has_tags_; }
  bool is_actor_pack() const { return is_actor_pack_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckAnchor(mark, anchor);
    Value(mark, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchored_.find(anchor);
    // It stands for a list or a map, of which no field that we read is made.
    Value(mark, it == anchored_.end() ? std::nullopt : std::optional(it->second));
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckAnchor(mark, anchor);
    std::string text = Short(value);
    if (anchor != YAML::NullAnchor) anchored_[anchor] = text;
    Value(mark, std::move(text));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    CheckAnchor(mark, anchor);
    Open(mark, /*map=*/false);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    CheckAnchor(mark, anchor);
    Open(mark, /*map=*/true);
  }
  void OnMapEnd() override { Close(); }

 private:
  enum class Place { kHeader, kTags, kTag, kHeaderConcepts, kTagConcepts, kElsewhere };
  struct Level {
    Place place;
    bool map;
    bool wants_key;
    std::string key;
  };

  // They are numbered from 1.
  static void CheckAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor > kMostAnchors) Fail(mark, absl::StrCat("more than ", kMostAnchors, " anchors"));
  }

  // A scalar, or nullopt for what is none.
  void Value(const YAML::Mark& mark, std::optional<std::string> text) {
    if (levels_.empty()) Fail(mark, "found a single value, wanted a TagPack's header and tags");
    Level& level = levels_.back();
    if (level.map && level.wants_key) {
      level.key = text.value_or("");
      level.wants_key = false;
      return;
    }
    level.wants_key = true;
    switch (level.place) {
      case Place::kHeader:
        HeaderField(mark, level.key, text);
        break;
      case Place::kTag:
        TagField(level.key, text);
        break;
      case Place::kTags:
        Refuse(mark.line, "", "not a map of fields");
        break;
      case Place::kHeaderConcepts:
        if (sink_ == nullptr) Concept(header_, text);
        break;
      case Place::kTagConcepts:
        Concept(&tag_, text);
        break;
      case Place::kElsewhere:
        break;
    }
  }

  void HeaderField(const YAML::Mark& mark, const std::string& key,
                   const std::optional<std::string>& text) {
    if (sink_ != nullptr) return;
    if (key == "tags" && text != "") Fail(mark, "tags are no list");
    if (key == "tags") has_tags_ = true;
    if (key == "title") *title_ = text.value_or("");
    const auto field = FieldNamed(key);
    if (field == nullptr || field == &RawTag::address) return;
    if (!text.has_value()) Fail(mark, absl::StrCat("\"", key, "\" is no text"));
    header_->*field = *text;
  }

  void TagField(const std::string& key, const std::optional<std::string>& text) {
    const auto field = FieldNamed(key);
    if (field == nullptr) {
      if (key == "<<") tag_fault_ = "merges another map into itself, which is not read";
      return;
    }
    if (!text.has_value()) {
      tag_fault_ = "a field is no text";
    } else if (!seen_.insert(key).second) {
      tag_fault_ = "a field stands there twice";
    } else {
      tag_.*field = *text;
    }
  }

  void Open(const YAML::Mark& mark, bool map) {
    Place place = Place::kElsewhere;
    if (levels_.empty()) {
      if (!map) Fail(mark, "found a list, wanted a TagPack's header and tags");
      if (documents_++ > 0) Fail(mark, "found a second document, wanted one TagPack");
      place = Place::kHeader;
    } else {
      Level& level = levels_.back();
      if (level.map && level.wants_key) {
        level.key.clear();  // a list or map as a key names no field
        level.wants_key = false;
        place = Place::kElsewhere;
      } else {
        level.wants_key = true;
        place = Inside(mark, level, map);
      }
    }
    levels_.push_back({place, map, map, ""});
  }

  // Of a list of concepts the first that says something is the category.
  void Concept(RawTag* raw, const std::optional<std::string>& text) {
    if (text.has_value() && CategoryFromText(raw->category) == Category::kUnknown) {
      raw->category = *text;
    }
  }

  // What begins as the value of a key, or an item.
  Place Inside(const YAML::Mark& mark, const Level& level, bool map) {
    if (level.place == Place::kHeader) {
      if (level.key == "actors") is_actor_pack_ = true;
      if (level.key == "concepts" && !map) return Place::kHeaderConcepts;
      if (level.key != "tags") {
        if (FieldNamed(level.key) != nullptr) HeaderField(mark, level.key, std::nullopt);
        return Place::kElsewhere;
      }
      if (map) Fail(mark, "tags are no list");
      has_tags_ = true;
      return sink_ == nullptr ? Place::kElsewhere : Place::kTags;
    }
    if (level.place == Place::kTags) {
      if (!map) {
        Refuse(mark.line, "", "not a map of fields");
        return Place::kElsewhere;
      }
      tag_ = *header_;
      tag_line_ = mark.line;
      tag_fault_ = {};
      seen_.clear();
      if (++tags_ % 1024 == 0) sink_->Progress(static_cast<uint64_t>(mark.pos));
      return Place::kTag;
    }
    if (level.place == Place::kTag && level.key == "concepts" && !map) {
      // The entry's own take the place of the header's.
      if (seen_.insert(level.key).second && !seen_.contains("category")) tag_.category.clear();
      return Place::kTagConcepts;
    }
    if (level.place == Place::kTag) TagField(level.key, std::nullopt);
    return Place::kElsewhere;
  }

  void Close() {
    const Place place = levels_.back().place;
    levels_.pop_back();
    if (place != Place::kTag) return;
    if (!tag_fault_.empty()) {
      Refuse(tag_line_, tag_.address.substr(0, 100), tag_fault_);
      return;
    }
    const absl::Status status = Deliver(tag_, static_cast<uint64_t>(tag_line_) + 1, sink_);
    if (!status.ok()) throw Stop{status};
  }

  void Refuse(int line, std::string entry, absl::string_view reason) {
    const absl::Status status =
        sink_->Refuse({static_cast<uint64_t>(line) + 1, std::move(entry), std::string(reason)});
    if (!status.ok()) throw Stop{status};
  }

  TagSink* sink_;
  RawTag* header_;
  std::string* title_;
  bool has_tags_ = false;
  bool is_actor_pack_ = false;
  int documents_ = 0;
  uint64_t tags_ = 0;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, std::string> anchored_;
  RawTag tag_;
  int tag_line_ = 0;
  absl::string_view tag_fault_;
  std::set<std::string> seen_;
};

// A stream over text that is not copied.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(absl::string_view text) {
    char* const begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

absl::Status Parse(absl::string_view text, PackHandler* handler) {
  TextBuffer buffer(text);
  std::istream in(&buffer);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(*handler)) {
    }
  } catch (const Stop& stop) {
    return stop.status;
  } catch (const YAML::Exception& e) {
    return absl::DataLossError(absl::StrCat("line ", e.mark.line + 1, ": ", e.msg));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadTagPack(absl::string_view text, TagSink* sink, std::string* title) {
  RawTag header;
  PackHandler first(nullptr, &header, title);
  if (absl::Status status = Parse(text, &first); !status.ok()) return status;
  if (title->size() > kLongestTagField || !IsUtf8(*title)) {
    return absl::DataLossError("the title is too long, or is not UTF-8");
  }
  if (!first.has_tags()) {
    return absl::DataLossError(first.is_actor_pack()
                                   ? "found an ActorPack, which has no addresses; wanted a TagPack"
                                   : "found YAML without tags, wanted a TagPack");
  }
  PackHandler second(sink, &header, title);
  return Parse(text, &second);
}

}  // namespace spoor
