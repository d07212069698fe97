"""MATLAB v7.3 files by hand: HDF5 behind a block of 512 bytes, axes reversed, references."""

from pathlib import Path

import h5py
import numpy as np
from scipy.sparse import csc_array


def write_v73(
    path: Path, cultures: list, name: str = "data_small", *, as_structs: bool = False
) -> Path:
    with h5py.File(path, "w", userblock_size=512) as file:
        pool = file.create_group("#refs#")
        if as_structs:
            group = file.create_group(name)
            group.attrs["MATLAB_class"] = np.bytes_("struct")
            for field in cultures[0]:
                items = [put(pool, f"{field}{k}", c[field]) for k, c in enumerate(cultures)]
                group[field] = references(items)
        else:
            entries = []
            for k, culture in enumerate(cultures):
                group = pool.create_group(f"c{k}")
                group.attrs["MATLAB_class"] = np.bytes_("struct")
                for field, values in culture.items():
                    put(group, field, values)
                entries.append(group)
            file[name] = references(entries)
            file[name].attrs["MATLAB_class"] = np.bytes_("cell")
        put(file, "comment", "by hand")
    content = bytearray(path.read_bytes())
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64"
    content[: len(head)] = head
    path.write_bytes(content)
    return path


def references(items: list) -> np.ndarray:
    return np.array([[item.ref for item in items]], h5py.ref_dtype)


def put(group: h5py.Group, name: str, values):
    if isinstance(values, csc_array):
        item = group.create_group(name)
        item["data"], item["ir"], item["jc"] = (
            values.data,
            values.indices.astype("u8"),
            values.indptr.astype("u8"),
        )
        item.attrs["MATLAB_sparse"] = np.uint64(values.shape[0])
        return item
    if isinstance(values, str):
        item = group.create_dataset(name, data=np.array([[ord(c)] for c in values], "u2"))
        item.attrs["MATLAB_class"] = np.bytes_("char")
        return item
    item = group.create_dataset(name, data=np.atleast_2d(values).T)
    item.attrs["MATLAB_class"] = np.bytes_("double")
    return item
