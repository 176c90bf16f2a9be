#include <qpdf/qpdf-c.h>

#include <memory>

#include "documents/paper.h"

namespace instapay::documents {
namespace {

// Of one document, by qpdf's C interface: errors are codes, nothing is thrown.
class Document {
 public:
  explicit Document(const std::string& pdf) : data_(qpdf_init()) {
    qpdf_silence_errors(data_);
    qpdf_read_memory(data_, "paper", pdf.data(), pdf.size(), nullptr);
    names_ = qpdf_oh_new_array(data_);
    list_ = qpdf_oh_new_array(data_);
  }
  ~Document() { qpdf_cleanup(&data_); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  void attach(const Attachment& file) {
    const qpdf_oh stream = qpdf_oh_new_stream(data_);
    const qpdf_oh nothing = qpdf_oh_new_null(data_);
    qpdf_oh_replace_stream_data(data_, stream,
                                reinterpret_cast<const unsigned char*>(file.content.data()),
                                file.content.size(), nothing, nothing);
    const qpdf_oh entry = qpdf_oh_get_dict(data_, stream);
    set_name(entry, "/Type", "/EmbeddedFile");
    set_name(entry, "/Subtype", "/" + file.media_type);
    const qpdf_oh size = qpdf_oh_new_dictionary(data_);
    qpdf_oh_replace_key(data_, size, "/Size",
                        qpdf_oh_new_integer(data_, static_cast<long long>(file.content.size())));
    qpdf_oh_replace_key(data_, entry, "/Params", size);

    const qpdf_oh streams = qpdf_oh_new_dictionary(data_);
    qpdf_oh_replace_key(data_, streams, "/F", stream);
    qpdf_oh_replace_key(data_, streams, "/UF", stream);
    const qpdf_oh spec = qpdf_oh_new_dictionary(data_);
    set_name(spec, "/Type", "/Filespec");
    set_name(spec, "/AFRelationship", "/Data");
    set_text(spec, "/F", file.name);
    set_text(spec, "/UF", file.name);
    set_text(spec, "/Desc", file.description);
    qpdf_oh_replace_key(data_, spec, "/EF", streams);
    const qpdf_oh reference = qpdf_make_indirect_object(data_, spec);
    qpdf_oh_append_item(data_, names_, text(file.name));
    qpdf_oh_append_item(data_, names_, reference);
    qpdf_oh_append_item(data_, list_, reference);
  }

  std::expected<std::string, std::string> write() {
    const qpdf_oh root = qpdf_get_root(data_);
    const qpdf_oh files = qpdf_oh_new_dictionary(data_), tree = qpdf_oh_new_dictionary(data_);
    qpdf_oh_replace_key(data_, files, "/Names", names_);
    qpdf_oh_replace_key(data_, tree, "/EmbeddedFiles", files);
    qpdf_oh_replace_key(data_, root, "/Names", tree);
    qpdf_oh_replace_key(data_, root, "/AF", list_);
    // cairo 1.16 leaves out what a date begins with.
    if (const char* made = qpdf_get_info_key(data_, "/CreationDate");
        made != nullptr && !std::string_view(made).starts_with("D:"))
      qpdf_set_info_key(data_, "/CreationDate", ("D:" + std::string(made)).c_str());
    qpdf_init_write_memory(data_);
    qpdf_set_compress_streams(data_, QPDF_FALSE);
    qpdf_set_decode_level(data_, qpdf_dl_none);  // what cairo compressed stays so
    qpdf_set_object_stream_mode(data_, qpdf_o_disable);
    qpdf_set_deterministic_ID(data_, QPDF_TRUE);
    qpdf_write(data_);
    if (qpdf_has_error(data_) != QPDF_FALSE)
      return std::unexpected(qpdf_get_error_full_text(data_, qpdf_get_error(data_)));
    return std::string(reinterpret_cast<const char*>(qpdf_get_buffer(data_)),
                       qpdf_get_buffer_length(data_));
  }

 private:
  qpdf_oh text(const std::string& utf8) { return qpdf_oh_new_unicode_string(data_, utf8.c_str()); }
  void set_text(qpdf_oh dictionary, const char* key, const std::string& utf8) {
    qpdf_oh_replace_key(data_, dictionary, key, text(utf8));
  }
  void set_name(qpdf_oh dictionary, const char* key, const std::string& name) {
    qpdf_oh_replace_key(data_, dictionary, key, qpdf_oh_new_name(data_, name.c_str()));
  }

  qpdf_data data_;
  qpdf_oh names_ = 0, list_ = 0;
};

}  // namespace

std::expected<std::string, std::string> attach_files(const std::string& pdf,
                                                     const std::vector<Attachment>& files) {
  Document document(pdf);
  for (const Attachment& file : files) document.attach(file);
  return document.write();
}

}  // namespace instapay::documents
