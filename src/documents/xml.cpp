#include "documents/xml.h"

#include <libxml/xmlwriter.h>

#include "core/check.h"

namespace instapay::documents {
namespace {

const xmlChar* chars(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

}  // namespace

struct XmlWriter::State {
  xmlBufferPtr buffer = xmlBufferCreate();
  xmlTextWriterPtr writer = xmlNewTextWriterMemory(buffer, 0);
};

XmlWriter::XmlWriter() : state_(std::make_unique<State>()) {
  xmlBufferSetAllocationScheme(state_->buffer, XML_BUFFER_ALLOC_DOUBLEIT);
  CHECK(state_->writer != nullptr);
  CHECK(xmlTextWriterStartDocument(state_->writer, "1.0", "UTF-8", nullptr) >= 0);
}

XmlWriter::~XmlWriter() {
  xmlFreeTextWriter(state_->writer);
  xmlBufferFree(state_->buffer);
}

XmlWriter& XmlWriter::instruction(const char* target, const char* content) {
  CHECK(xmlTextWriterWritePI(state_->writer, chars(target), chars(content)) >= 0);
  CHECK(xmlTextWriterWriteString(state_->writer, chars("\n")) >= 0);
  return *this;
}

XmlWriter& XmlWriter::open(const char* name) {
  CHECK(xmlTextWriterStartElement(state_->writer, chars(name)) >= 0);
  return *this;
}

XmlWriter& XmlWriter::attribute(const char* name, std::string_view content) {
  const std::string copy(content);
  CHECK(xmlTextWriterWriteAttribute(state_->writer, chars(name), chars(copy.c_str())) >= 0);
  return *this;
}

XmlWriter& XmlWriter::text(std::string_view content) {
  const std::string copy(content);
  CHECK(xmlTextWriterWriteString(state_->writer, chars(copy.c_str())) >= 0);
  return *this;
}

XmlWriter& XmlWriter::close() {
  CHECK(xmlTextWriterEndElement(state_->writer) >= 0);
  return *this;
}

std::string XmlWriter::finish() {
  CHECK(xmlTextWriterEndDocument(state_->writer) >= 0);
  xmlTextWriterFlush(state_->writer);
  return {reinterpret_cast<const char*>(xmlBufferContent(state_->buffer)),
          static_cast<std::size_t>(xmlBufferLength(state_->buffer))};
}

}  // namespace instapay::documents
