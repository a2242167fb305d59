#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "swell/io/image_set.h"

namespace swell {

// The PNG images of a folder, as classes where they lie in subfolders; or the IDX files that it holds instead.
struct FolderContent {
  std::vector<std::filesystem::path> files;  // in natural order (2.png before 10.png), class after class
  std::vector<int> labels;                   // [files], or empty
  std::vector<std::string> notes;
  std::optional<std::filesystem::path> images, labels_file;
};

// training: of a folder with the parts train/ and test/, or with MNIST's four files, which part. A subfolder stands for
// a class: its name where all are whole numbers, else its place in natural order. Throws IoError where there is no
// image, InputError where images lie both beside and in subfolders.
FolderContent look_into(const std::filesystem::path& folder, bool training);

ImageSet images_of_folder(const FolderContent& folder, const std::string& name);
// Throws InputError where the images differ in size, IoError where one is damaged.
ImageSet images_of_pngs(const std::vector<std::filesystem::path>& files, const std::string& name);

// Whether a stands before b: letters by their codes, digits together as numbers.
bool natural_order(const std::string& a, const std::string& b);

}  // namespace swell
