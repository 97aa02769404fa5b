// SPDX-License-Identifier: MIT
//
// The named fields of STATS, INFO, CLIENT LIST, USER and TOKEN. Names carry their units
// (used_bytes, uptime_ms), so that fields which this program has never heard of are shown well too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client.hpp"
#include "cli/output.hpp"

namespace tc {

struct Field {
    std::string name;
    tagcache_field_type type = TAGCACHE_FIELD_NONE;
    std::uint64_t u64 = 0;
    std::int64_t i64 = 0;
    double f64 = 0;
    std::string text;
};

using Fields = std::vector<Field>;

// Of the reply, or of its current item.
[[nodiscard]] Fields read_fields(const Result& result);

// Of STATS or INFO, asked for now. Throws a Failure about `what`.
using FieldsCall = tagcache_status (*)(tagcache_client*, tagcache_result*,
                                       const tagcache_call_options*);
[[nodiscard]] Fields ask_fields(const Client& client, FieldsCall call, const char* what);

// 0 when there is no such number; "" when there is no such text.
[[nodiscard]] std::uint64_t number_of(const Fields& fields, std::string_view name);
[[nodiscard]] std::string_view text_of(const Fields& fields, std::string_view name);

// "12345678" in a pipe; with what it means behind it on a terminal: "12345678 (11.8 MiB)".
[[nodiscard]] std::string field_text(const Field& field, Form form);

void write_fields(Output& output, const Fields& fields);
// A row each below the names of the first one's fields, columns as wide as their widest cell.
void write_table(Output& output, const std::vector<Fields>& rows);
// "id=1<TAB>address=127.0.0.1:4711<TAB>..."
void write_line(Output& output, const Fields& fields);
void write_members(JsonObject& object, const Fields& fields);

}  // namespace tc
