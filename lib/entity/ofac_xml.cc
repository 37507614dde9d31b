#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/entity/raw_tag.h"
#include "lib/entity/tag_readers.h"
#include "spoor/base/status_macros.h"

// OFAC's lists are read as a stream of events: of 120 MB no more is held than one party. A document
// type, and with it every entity of the document's own, is refused before it is read.

namespace spoor {
namespace {

constexpr size_t kChunk = 64 << 10;
constexpr absl::string_view kAddressType = "Digital Currency Address - ";
// A party of OFAC's has a few hundred addresses at most.
constexpr size_t kMostAddresses = 100'000;

// The longest start tag. The parser compares each attribute of a tag with all others, so that the
// time that a tag takes grows with the square of its length; OFAC's have some hundred bytes.
constexpr size_t kLongestTag = 4096;

// DATA_LOSS, naming the line, if a start tag is longer. What is no XML is left to the parser.
absl::Status CheckTags(absl::string_view text) {
  const auto behind = [&](size_t at, absl::string_view end) {
    const size_t found = text.find(end, at);
    return found == absl::string_view::npos ? text.size() : found + end.size();
  };
  for (size_t at = 0; at < text.size();) {
    at = text.find('<', at);
    if (at == absl::string_view::npos) break;
    const absl::string_view here = text.substr(at, 9);
    if (absl::StartsWith(here, "<!--")) {
      at = behind(at + 4, "-->");
    } else if (here == "<![CDATA[") {
      at = behind(at, "]]>");
    } else if (absl::StartsWith(here, "<?")) {
      at = behind(at, "?>");
    } else {
      const size_t begin = at;
      char quote = 0;
      for (; at < text.size() && (quote != 0 || text[at] != '>'); ++at) {
        if (at - begin > kLongestTag) {
          const auto line =
              std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n');
          return absl::DataLossError(
              absl::StrCat("line ", line + 1, ": a tag has more than ", kLongestTag, " bytes"));
        }
        const char c = text[at];
        if (quote != 0 ? c == quote : c == '"' || c == '\'') quote = quote != 0 ? 0 : c;
      }
    }
  }
  return absl::OkStatus();
}

// What a document says, element by element. Names are without their namespace.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  // `attribute(name)` is empty for one that is not there.
  struct Attributes {
    int count;
    const xmlChar** values;
    std::string operator()(absl::string_view name) const {
      for (int i = 0; i < count; ++i) {
        const xmlChar* const* const a = values + 5 * i;
        if (name == reinterpret_cast<const char*>(a[0])) {
          return std::string(reinterpret_cast<const char*>(a[3]),
                             reinterpret_cast<const char*>(a[4]));
        }
      }
      return "";
    }
  };
  virtual void Begin(absl::string_view name, const Attributes& attributes, uint64_t line) = 0;
  // `text` is what stood in the element since its last child ended, stripped.
  virtual absl::Status End(absl::string_view name, absl::string_view text) = 0;
};

class XmlReader {
 public:
  XmlReader(XmlHandler* handler, TagSink* sink) : handler_(handler), sink_(sink) {}

  absl::Status Read(absl::string_view text) {
    SPOOR_RETURN_IF_ERROR(CheckTags(text));
    xmlSAXHandler sax;
    std::memset(&sax, 0, sizeof sax);
    sax.initialized = XML_SAX2_MAGIC;
    sax.internalSubset = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
      Of(self)->Stop(absl::DataLossError(
          "found a document type declaration, which may define entities; wanted none"));
    };
    sax.startElementNs = [](void* self, const xmlChar* name, const xmlChar*, const xmlChar*, int,
                            const xmlChar**, int attributes, int,
                            const xmlChar** values) { Of(self)->Begin(name, attributes, values); };
    sax.endElementNs = [](void* self, const xmlChar* name, const xmlChar*, const xmlChar*) {
      Of(self)->End(name);
    };
    sax.characters = [](void* self, const xmlChar* piece, int size) {
      Of(self)->Characters(piece, size);
    };
    sax.cdataBlock = sax.characters;
    // Errors are asked for at the end; the default prints them.
    sax.serror = [](void*, xmlErrorPtr) {};
    context_ = xmlCreatePushParserCtxt(&sax, this, nullptr, 0, nullptr);
    if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for an XML parser");
    const std::unique_ptr<xmlParserCtxt, void (*)(xmlParserCtxtPtr)> owned(context_,
                                                                           &xmlFreeParserCtxt);
    xmlCtxtUseOptions(context_, XML_PARSE_NONET);
    for (size_t at = 0; at < text.size() && status_.ok(); at += kChunk) {
      const absl::string_view chunk = text.substr(at, kChunk);
      if (xmlParseChunk(context_, chunk.data(), static_cast<int>(chunk.size()), 0) != 0) break;
      sink_->Progress(at + chunk.size());
    }
    if (status_.ok()) xmlParseChunk(context_, nullptr, 0, 1);
    SPOOR_RETURN_IF_ERROR(status_);
    if (context_->wellFormed != 0) return absl::OkStatus();
    const xmlErrorPtr error = xmlCtxtGetLastError(context_);
    return absl::DataLossError(absl::StrCat(
        "line ", error == nullptr ? 0 : error->line, ": ",
        absl::StripAsciiWhitespace(
            error == nullptr || error->message == nullptr ? "not XML" : error->message)));
  }

 private:
  static XmlReader* Of(void* self) { return static_cast<XmlReader*>(self); }

  void Stop(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
    xmlStopParser(context_);
  }
  void Begin(const xmlChar* name, int attributes, const xmlChar** values) {
    if (!status_.ok()) return;
    text_.clear();
    handler_->Begin(reinterpret_cast<const char*>(name), {attributes, values},
                    static_cast<uint64_t>(xmlSAX2GetLineNumber(context_)));
  }
  void End(const xmlChar* name) {
    if (!status_.ok()) return;
    absl::Status status =
        handler_->End(reinterpret_cast<const char*>(name), absl::StripAsciiWhitespace(text_));
    text_.clear();
    if (!status.ok()) Stop(std::move(status));
  }
  void Characters(const xmlChar* text, int size) {
    // Longer text is refused as a field all the same.
    const size_t room = 2 * kLongestTagField - std::min(2 * kLongestTagField, text_.size());
    text_.append(reinterpret_cast<const char*>(text), std::min(room, static_cast<size_t>(size)));
  }

  XmlHandler* handler_;
  TagSink* sink_;
  xmlParserCtxtPtr context_ = nullptr;
  absl::Status status_;
  std::string text_;
};

// A party on OFAC's list, and the addresses that it is listed with.
struct Party {
  struct Address {
    std::string currency;
    std::string text;
    uint64_t line;
  };
  std::string id;
  std::string name;
  std::vector<std::string> programs;
  std::vector<Address> addresses;

  absl::Status Add(Address address) {
    if (addresses.size() == kMostAddresses) {
      return absl::DataLossError(absl::StrCat("line ", address.line, ": more than ", kMostAddresses,
                                              " addresses of one party"));
    }
    addresses.push_back(std::move(address));
    return absl::OkStatus();
  }

  absl::Status Deliver(absl::string_view date, TagSink* sink) const {
    RawTag raw;
    raw.label = name;
    raw.actor = name;
    raw.category = "sanctioned";
    raw.abuse = "sanction";
    raw.confidence = "authority_data";
    raw.date = std::string(date);
    raw.source = absl::StrCat("OFAC SDN list, entry ", id, programs.empty() ? "" : ", ",
                              absl::StrJoin(programs, " "));
    for (const Address& address : addresses) {
      raw.address = address.text;
      raw.currency = address.currency;
      SPOOR_RETURN_IF_ERROR(spoor::Deliver(raw, address.line, sink));
    }
    return absl::OkStatus();
  }
};

// The symbol in "Digital Currency Address - XBT"; empty for other types.
std::string CurrencyOfType(absl::string_view type) {
  if (!absl::ConsumePrefix(&type, kAddressType)) return "";
  return std::string(absl::StripAsciiWhitespace(type));
}

// sdn.xml: sdnEntry has uid, lastName, firstName, programList, idList, whose id have idType and
// idNumber.
class SdnHandler : public XmlHandler {
 public:
  explicit SdnHandler(TagSink* sink) : sink_(sink) {}

  void Begin(absl::string_view name, const Attributes&, uint64_t line) override {
    if (name == "sdnEntry") {
      party_ = {};
      first_name_.clear();
    }
    // Elements of lists within an entry have uids and names of their own.
    if (name == "idList" || name == "akaList" || name == "addressList") ++within_;
    if (name == "id") address_ = {"", "", line};
  }

  absl::Status End(absl::string_view name, absl::string_view text) override {
    if (name == "Publish_Date") {
      const std::vector<std::string> parts = absl::StrSplit(text, '/');  // MM/DD/YYYY
      if (parts.size() == 3) date_ = absl::StrCat(parts[2], "-", parts[0], "-", parts[1]);
      if (!TagDate(date_).ok()) date_.clear();
    }
    if (name == "idList" || name == "akaList" || name == "addressList") --within_;
    if (name == "uid" && within_ == 0) party_.id = std::string(text);
    if (name == "lastName" && within_ == 0) party_.name = std::string(text);
    if (name == "firstName" && within_ == 0) first_name_ = std::string(text);
    if (name == "program" && party_.programs.size() < 20) party_.programs.emplace_back(text);
    if (name == "idType") address_.currency = CurrencyOfType(text);
    if (name == "idNumber") address_.text = std::string(text);
    if (name == "id" && !address_.currency.empty()) {
      SPOOR_RETURN_IF_ERROR(party_.Add(std::move(address_)));
      address_ = {};
    }
    if (name == "sdnEntry") {
      if (!first_name_.empty()) party_.name = absl::StrCat(first_name_, " ", party_.name);
      return party_.Deliver(date_, sink_);
    }
    return absl::OkStatus();
  }

 private:
  TagSink* sink_;
  std::string date_;
  Party party_;
  std::string first_name_;
  Party::Address address_ = {};
  int within_ = 0;
};

// sdn_advanced.xml: FeatureType names the types by number; a DistinctParty has Alias, the Primary
// one with the NamePartValues of its name, and Feature, whose VersionDetail is the address.
class AdvancedHandler : public XmlHandler {
 public:
  explicit AdvancedHandler(TagSink* sink) : sink_(sink) {}

  void Begin(absl::string_view name, const Attributes& attributes, uint64_t line) override {
    if (name == "DistinctParty") {
      party_ = {};
      party_.id = attributes("FixedRef");
      named_ = false;
    } else if (name == "Alias") {
      primary_ = attributes("Primary") == "true";
    } else if (name == "FeatureType") {
      type_id_ = attributes("ID");
    } else if (name == "Feature") {
      const auto it = currencies_.find(attributes("FeatureTypeID"));
      currency_ = it == currencies_.end() ? "" : it->second;
    } else if (name == "VersionDetail") {
      line_ = line;
    } else if (name == "DateOfIssue") {
      in_date_ = true;
    }
  }

  absl::Status End(absl::string_view name, absl::string_view text) override {
    if (name == "FeatureType") {
      std::string currency = CurrencyOfType(text);
      if (!currency.empty() && currencies_.size() < 1000) {
        currencies_[type_id_] = std::move(currency);
      }
    } else if (name == "NamePartValue" && primary_ && !named_) {
      if (party_.name.size() <= kLongestTagField) {
        absl::StrAppend(&party_.name, party_.name.empty() ? "" : " ", text);
      }
    } else if (name == "DocumentedName" && primary_) {
      named_ = named_ || !party_.name.empty();  // others are the same name in other scripts
    } else if (name == "VersionDetail" && !currency_.empty() && !text.empty()) {
      return party_.Add({currency_, std::string(text), line_});
    } else if (name == "Feature") {
      currency_.clear();
    } else if (name == "DistinctParty") {
      return party_.Deliver(date_, sink_);
    } else if (in_date_) {
      DatePart(name, text);
    }
    return absl::OkStatus();
  }

 private:
  void DatePart(absl::string_view name, absl::string_view text) {
    int number = 0;
    if (absl::SimpleAtoi(text, &number) && number >= 0 && number <= 9999) {
      if (name == "Year") year_ = number;
      if (name == "Month") month_ = number;
      if (name == "Day") day_ = number;
    }
    if (name != "DateOfIssue") return;
    in_date_ = false;
    date_ = absl::StrFormat("%04d-%02d-%02d", year_, month_, day_);
    if (!TagDate(date_).ok()) date_.clear();
  }

  TagSink* sink_;
  std::map<std::string, std::string> currencies_;  // by FeatureType's ID
  std::string type_id_;
  std::string date_;
  bool in_date_ = false;
  int year_ = 0, month_ = 0, day_ = 0;
  Party party_;
  bool primary_ = false;
  bool named_ = false;
  std::string currency_;
  uint64_t line_ = 0;
};

}  // namespace

absl::Status ReadOfacSdn(absl::string_view text, TagSink* sink, std::string* title) {
  *title = "OFAC SDN list";
  SdnHandler handler(sink);
  return XmlReader(&handler, sink).Read(text);
}

absl::Status ReadOfacAdvanced(absl::string_view text, TagSink* sink, std::string* title) {
  *title = "OFAC SDN list, advanced";
  AdvancedHandler handler(sink);
  return XmlReader(&handler, sink).Read(text);
}

}  // namespace spoor
