// SPDX-License-Identifier: MIT
//
// The fields of STATS under headings, for people. A server may have fields that this program has
// never heard of: they stand under a heading of their own, at the end.
#pragma once

#include "cli/fields.hpp"
#include "cli/output.hpp"

namespace tc {

// REQUIRES: output's form is that of a terminal.
void write_field_groups(Output& output, const Fields& fields);

}  // namespace tc
