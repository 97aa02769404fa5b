// SPDX-License-Identifier: MIT
//
// One JSON object, appended to a string member by member. Bytes that are no UTF-8 are written as
// base64, under a name that says so: "key" becomes "key_base64".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tc {

class JsonObject {
 public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;
    ~JsonObject() { out_ += '}'; }

    // Whatever it holds: what is no UTF-8 is replaced by its \xHH form. For words of ours.
    JsonObject& text(std::string_view name, std::string_view text);
    // A key, a value, a tag: "name", or "name_base64".
    JsonObject& bytes(std::string_view name, std::string_view bytes);
    JsonObject& number(std::string_view name, std::uint64_t number);
    JsonObject& signed_number(std::string_view name, std::int64_t number);
    JsonObject& real(std::string_view name, double number);
    // "version", as a string: it has 64 bits, of which many readers of JSON keep 53.
    JsonObject& version(std::uint64_t version);
    JsonObject& boolean(std::string_view name, bool value);

    // An array of tags: begin, each of them, end. A tag that is no UTF-8 is {"base64": ...}.
    JsonObject& begin_list(std::string_view name);
    JsonObject& list_item(std::string_view bytes);
    JsonObject& end_list();
    // An array of `count` objects, each filled by `members`, which is given its index.
    JsonObject& objects(std::string_view name, std::size_t count,
                        const std::function<void(JsonObject&, std::size_t)>& members);

 private:
    void begin_member(std::string_view name);

    std::string& out_;
    bool has_members_ = false;
    bool has_items_ = false;
};

}  // namespace tc
