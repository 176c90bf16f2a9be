#pragma once
// XML out, by libxml2's writer: elements in order, escaped. Not thread-safe; one for each document.
#include <memory>
#include <string>
#include <string_view>

namespace instapay::documents {

class XmlWriter {
 public:
  XmlWriter();
  ~XmlWriter();
  XmlWriter(const XmlWriter&) = delete;
  XmlWriter& operator=(const XmlWriter&) = delete;

  XmlWriter& instruction(const char* target, const char* content);
  XmlWriter& open(const char* name);
  XmlWriter& attribute(const char* name, std::string_view content);
  XmlWriter& text(std::string_view content);
  XmlWriter& close();
  /// An element with text alone.
  XmlWriter& element(const char* name, std::string_view content) {
    return open(name).text(content).close();
  }
  /// Closes what is open. The document.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace instapay::documents
