// SPDX-License-Identifier: MIT
#include "store/entry_view.hpp"

#include <cassert>

#include "store/entry.hpp"
#include "store/tag_names.hpp"

namespace tc {

Pin::Pin(Blob* blob) noexcept : blob_(blob) {
    if (blob_ != nullptr) {
        blob_->acquire();
    }
}

Pin& Pin::operator=(Pin&& other) noexcept {
    Pin released{std::move(other)};
    std::swap(blob_, released.blob_);
    return *this;
}

Pin::~Pin() {
    if (blob_ != nullptr) {
        blob_->drop();
    }
}

std::string_view Pin::value() const noexcept {
    return blob_ == nullptr ? std::string_view{} : blob_->view();
}

std::string_view EntryView::key() const noexcept {
    return entry_->key();
}

std::string_view EntryView::value() const noexcept {
    return entry_->value();
}

std::uint32_t EntryView::client_flags() const noexcept {
    return entry_->client_flags();
}

std::size_t EntryView::tag_count() const noexcept {
    return entry_->tag_count();
}

std::string_view EntryView::tag(std::size_t index) const noexcept {
    assert(index < entry_->tag_count());
    return names_->name(entry_->tag_ids()[index]);
}

Pin EntryView::pin() const noexcept {
    return Pin{entry_->blob()};
}

}  // namespace tc
