#include "swell/io/image_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/io/atomic_file.h"
#include "swell/io/png.h"

namespace swell {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxImageBytes = size_t{1} << 28;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_ending(const fs::path& path) { return lower_case(path.extension().string()); }

// What lies in a folder itself, hidden names left out.
struct Listing {
  std::vector<fs::path> images, folders, others;
};

Listing list(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    if (path.filename().string().starts_with('.')) continue;
    std::error_code none;
    const bool is_folder = fs::is_directory(path, none);
    (is_folder ? listing.folders : lower_ending(path) == ".png" ? listing.images : listing.others).push_back(path);
  }
  if (error) throw IoError(fmt::format("cannot read the folder {}: {}", folder.string(), error.message()));
  const auto before = [](const fs::path& a, const fs::path& b) {
    return natural_order(a.filename().string(), b.filename().string());
  };
  for (auto* paths : {&listing.images, &listing.folders, &listing.others}) std::ranges::sort(*paths, before);
  return listing;
}

// The four files under the names that MNIST's have, raw or gzip.
std::optional<fs::path> find_idx(const fs::path& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    std::error_code none;
    if (fs::is_regular_file(folder / (name + ending), none)) return folder / (name + ending);
  }
  return {};
}

// The subfolder of this part, where the folder has both.
std::optional<fs::path> find_part(const Listing& listing, bool training) {
  std::optional<fs::path> train, test;
  for (const fs::path& folder : listing.folders) {
    const std::string name = folder.filename().string();
    if (name == "train" || name == "training") train = folder;
    if (name == "test" || name == "testing") test = folder;
  }
  if (!train || !test) return {};
  return training ? train : test;
}

std::optional<int> whole_number(const std::string& name) {
  int value = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  if (error != std::errc() || stop != name.data() + name.size() || value < 0 || value > 999999) return {};
  return value;
}

void add_classes(const Listing& listing, const fs::path& folder, FolderContent& content) {
  const bool numbered = std::ranges::all_of(
      listing.folders, [](const fs::path& path) { return whole_number(path.filename().string()).has_value(); });
  std::string meaning;
  int number = 0;
  for (const fs::path& subfolder : listing.folders) {
    const std::string name = subfolder.filename().string();
    const std::vector<fs::path> images = list(subfolder).images;
    if (images.empty())
      throw IoError(fmt::format("{} holds no PNG image; {} has a subfolder of images for each class",
                                subfolder.string(), folder.string()));
    const int label = numbered ? *whole_number(name) : number++;
    meaning += fmt::format("{}{} = {}", meaning.empty() ? "" : ", ", label, name);
    content.files.insert(content.files.end(), images.begin(), images.end());
    content.labels.insert(content.labels.end(), images.size(), label);
  }
  if (!numbered) content.notes.push_back(fmt::format("classes by subfolder: {}", meaning));
}

}  // namespace

bool natural_order(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i, ++j;
      continue;
    }
    size_t a_end = i, b_end = j;
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    for (a_end = i; a_end < a.size() && is_digit(a[a_end]); ++a_end) {
    }
    for (b_end = j; b_end < b.size() && is_digit(b[b_end]); ++b_end) {
    }
    if (a_end - i != b_end - j) return a_end - i < b_end - j;
    const int order = a.compare(i, a_end - i, b, j, b_end - j);
    if (order != 0) return order < 0;
    i = a_end;
    j = b_end;
  }
  if ((i < a.size()) != (j < b.size())) return j < b.size();
  return a < b;  // 01 and 1
}

FolderContent look_into(const fs::path& folder, bool training) {
  FolderContent content;
  const std::string part = training ? "train" : "t10k";
  if (const auto images = find_idx(folder, part + "-images-idx3-ubyte")) {
    content.images = images;
    content.labels_file = find_idx(folder, part + "-labels-idx1-ubyte");
    return content;
  }
  const Listing listing = list(folder);
  if (listing.images.empty()) {
    if (const auto found = find_part(listing, training)) return look_into(*found, training);
  }
  if (!listing.images.empty()) {
    for (const fs::path& subfolder : listing.folders) {
      if (list(subfolder).images.empty()) continue;
      throw InputError(fmt::format(
          "{} holds PNG images both itself and in {}; images alone, or a subfolder of them for each class, are needed",
          folder.string(), subfolder.string()));
    }
    content.files = listing.images;
  } else if (!listing.folders.empty()) {
    add_classes(listing, folder, content);
  } else {
    const auto other = std::ranges::find_if(listing.others, [](const fs::path& path) {
      const std::string ending = lower_ending(path);
      return ending == ".jpg" || ending == ".jpeg" || ending == ".gif" || ending == ".bmp" || ending == ".webp";
    });
    throw IoError(fmt::format("the folder {} holds no PNG image{}", folder.string(),
                              other == listing.others.end()
                                  ? ""
                                  : fmt::format("; {} is to be converted to PNG first", other->filename().string())));
  }
  if (!listing.others.empty()) {
    content.notes.push_back(fmt::format("{} other file{} in the folder left out ({}{})", listing.others.size(),
                                        listing.others.size() == 1 ? "" : "s", listing.others[0].filename().string(),
                                        listing.others.size() == 1 ? "" : ", ..."));
  }
  return content;
}

ImageSet images_of_folder(const FolderContent& folder, const std::string& name) {
  ImageSet set = images_of_pngs(folder.files, name);
  set.labels = folder.labels;
  set.notes.insert(set.notes.begin(), folder.notes.begin(), folder.notes.end());
  return set;
}

ImageSet images_of_pngs(const std::vector<fs::path>& files, const std::string& name) {
  ImageSet set;
  set.source = name;
  int colour = 0, black = 0, white = 0, sixteen = 0;
  for (const fs::path& file : files) {
    const GrayPng png = parse_gray_png(read_file(file, kMaxImageBytes), file.string());
    const std::vector<int64_t> shape{png.image.height, png.image.width};
    if (set.shape.empty()) set.shape = shape;
    if (shape != set.shape) {
      throw InputError(fmt::format("{} has {} x {} pixels, {} has {} x {}; images of one size are needed",
                                   file.string(), shape[0], shape[1], files[0].string(), set.shape[0], set.shape[1]));
    }
    set.bytes.insert(set.bytes.end(), png.image.pixels.begin(), png.image.pixels.end());
    colour += png.colour;
    black += png.transparent && !png.over_white;
    white += png.over_white;
    sixteen += png.sixteen_bits;
  }
  const auto note = [&](int count, const char* what) {
    if (count > 0) set.notes.push_back(fmt::format("{} of {} images: {}", count, files.size(), what));
  };
  note(colour, "colour became gray (0.299 red + 0.587 green + 0.114 blue)");
  note(black, "transparent parts became black");
  note(white, "transparent parts became white, since the drawing is black");
  note(sixteen, "16 bits were rounded to 8");
  return set;
}

}  // namespace swell
