#include <libxml/xmlwriter.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/report/case_graph.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/case_files.h"

namespace spoor {
namespace {

// An XML document in memory. libxml2 escapes what has to be; it fails only without memory.
class Xml {
 public:
  Xml()
      : buffer_(xmlBufferCreate(), &xmlBufferFree),
        writer_(xmlNewTextWriterMemory(buffer_.get(), 0), &xmlFreeTextWriter) {
    SPOOR_CHECK(writer_ != nullptr);
    xmlTextWriterSetIndent(writer_.get(), 1);
    xmlTextWriterStartDocument(writer_.get(), nullptr, "UTF-8", nullptr);
  }

  Xml& Begin(const char* name) {
    SPOOR_CHECK(xmlTextWriterStartElement(writer_.get(), Bytes(name)) >= 0);
    return *this;
  }
  Xml& Attribute(const char* name, const std::string& value) {
    SPOOR_CHECK(xmlTextWriterWriteAttribute(writer_.get(), Bytes(name), Bytes(value)) >= 0);
    return *this;
  }
  Xml& Text(const std::string& text) {
    SPOOR_CHECK(xmlTextWriterWriteString(writer_.get(), Bytes(text)) >= 0);
    return *this;
  }
  Xml& End() {
    SPOOR_CHECK(xmlTextWriterEndElement(writer_.get()) >= 0);
    return *this;
  }
  std::string Take() {
    xmlTextWriterEndDocument(writer_.get());
    xmlTextWriterFlush(writer_.get());
    return std::string(reinterpret_cast<const char*>(xmlBufferContent(buffer_.get())),
                       static_cast<size_t>(xmlBufferLength(buffer_.get())));
  }

 private:
  static const xmlChar* Bytes(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
  static const xmlChar* Bytes(const std::string& text) { return Bytes(text.c_str()); }

  std::unique_ptr<xmlBuffer, void (*)(xmlBuffer*)> buffer_;
  std::unique_ptr<xmlTextWriter, void (*)(xmlTextWriter*)> writer_;
};

// Two code points that are no characters, and that XML has no place for.
std::string ForXml(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\xef\xbf\xbe", "[U+FFFE]"}, {"\xef\xbf\xbf", "[U+FFFF]"}});
}

void Data(const std::string& key, const std::string& text, Xml* xml) {
  if (text.empty()) return;
  xml->Begin("data").Attribute("key", key).Text(ForXml(text)).End();
}

void Key(const std::string& id, const char* of, const std::string& name, const char* type,
         Xml* xml) {
  xml->Begin("key").Attribute("id", id).Attribute("for", of);
  xml->Attribute("attr.name", ForXml(name)).Attribute("attr.type", type).End();
}

}  // namespace

std::string CaseToGraphml(const TraceDocument& document) {
  const CaseView view(document);
  const CaseGraph graph(view);
  const std::optional<size_t> main = view.main_policy();
  Xml xml;
  xml.Begin("graphml").Attribute("xmlns", "http://graphml.graphdrawing.org/xmlns");
  for (const char* name : {"label", "owner", "chain", "cluster", "actor", "category", "resting"}) {
    Key(name, "node", name, "string", &xml);
  }
  Key("sanctioned", "node", "sanctioned", "boolean", &xml);
  Key("seed", "node", "seed", "boolean", &xml);
  Key("asset", "edge", "asset", "string", &xml);
  Key("weight", "edge", "weight", "double", &xml);
  for (size_t i = 0; i < view.results().size(); ++i) {
    Key(absl::StrCat("t", i), "edge", "tainted_" + view.results()[i].policy, "string", &xml);
    Key(absl::StrCat("m", i), "edge", "movements_" + view.results()[i].policy, "long", &xml);
  }
  xml.Begin("graph").Attribute("edgedefault", "directed");
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const CaseGraph::Node& node = graph.nodes()[i];
    xml.Begin("node").Attribute("id", absl::StrCat("n", i));
    Data("label", node.label, &xml);
    Data("owner", node.owner->name, &xml);
    Data("chain", node.owner->chain, &xml);
    Data("cluster", node.owner->cluster, &xml);
    Data("actor", node.owner->actor, &xml);
    Data("category", node.owner->category, &xml);
    Data("resting", graph.Resting(node), &xml);
    Data("sanctioned", node.owner->sanctioned ? "true" : "false", &xml);
    Data("seed", node.owner->seed ? "true" : "false", &xml);
    xml.End();
  }
  size_t number = 0;
  for (const CaseView::Flow& flow : view.flows()) {
    xml.Begin("edge").Attribute("id", absl::StrCat("e", number++));
    xml.Attribute("source", absl::StrCat("n", graph.From(flow)));
    xml.Attribute("target", absl::StrCat("n", graph.To(flow)));
    Data("asset", flow.any->asset, &xml);
    // For drawing only: the exact amounts are the texts beside it.
    const TraceDocument::Flow* shown = main.has_value() ? flow.by_policy[*main] : nullptr;
    Data("weight", absl::StrCat(shown == nullptr ? 0.0 : shown->tainted.convert_to<double>()),
         &xml);
    for (size_t i = 0; i < flow.by_policy.size(); ++i) {
      if (flow.by_policy[i] == nullptr) continue;
      Data(absl::StrCat("t", i), ToDecimal(flow.by_policy[i]->tainted), &xml);
      Data(absl::StrCat("m", i), absl::StrCat(flow.by_policy[i]->movements), &xml);
    }
    xml.End();
  }
  xml.End().End();
  return xml.Take();
}

}  // namespace spoor
