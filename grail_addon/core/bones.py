# SPDX-License-Identifier: GPL-3.0-or-later
"""Bone names of common rigs -> the joints this project knows.

Understands UE / MakeHuman's game engine (`upperarm_l`), Mixamo (`mixamorig:LeftArm`), RenderPeople, Character Creator
(`CC_Base_L_Upperarm`), Biped (`Bip01 L UpperArm`), VRM (`J_Bip_L_UpperArm`, `leftUpperArm`), DAZ (`lShldrBend`), SMPL
(`L_Elbow`) and Blender style (`upper_arm.L`) names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

Side = Literal["left", "right"] | None


class JointSource(NamedTuple):
    """The bone that a joint is read from, and at which of its ends."""

    bone: str
    end: Literal["head", "tail"]


_SIDES: dict[str, Side] = {"l": "left", "left": "left", "r": "right", "right": "right"}
# the bones of a finger that VRM 1 and Unity name instead of counting them
_PLACES = {"proximal": 1, "intermediate": 2, "distal": 3}
_PREFIXES = frozenset({"mixamorig", "bip", "cc", "base", "def", "rig", "j", "c", "adj"})
_ROLES = {
    "pelvis": ("pelvis", "hips", "hip"),
    "neck": ("neck", "necklower"),
    "head": ("head",),
    "eye": ("eye", "eyeball", "faceeye", "eyesmplhf"),
    "head_end": ("headtopend", "headend"),
    "upper_arm": ("upperarm", "arm", "uparm", "shldr", "shldrbend"),
    "forearm": ("forearm", "lowerarm", "lowarm", "forearmbend"),
    "hand": ("hand", "wrist"),
    "middle": ("middle", "handmiddle", "middlefinger", "fmiddle", "mid"),
    "thigh": ("thigh", "upleg", "upperleg", "thighbend"),
    "calf": ("calf", "leg", "lowerleg", "lowleg", "shin"),
    "foot": ("foot",),
    "toe": ("ball", "toebase", "toe", "toes"),
}
_ROLE_OF = {stem: role for role, stems in _ROLES.items() for stem in stems}
# rigs of body models call a limb by the joint at its upper end; elsewhere a shoulder is the collarbone
_BY_JOINT = {
    "shoulder": "upper_arm",
    "elbow": "forearm",
    "wrist": "hand",
    "hip": "thigh",
    "knee": "calf",
    "ankle": "foot",
    "foot": "toe",
}
# fingers that have numbers instead of names: the middle one is the third of MakeHuman's (finger3-1), which count from
# the thumb's 1, and of Biped's (Finger2, Finger21, Finger22), which count from its 0
_MIDDLE = re.compile(r"finger(?:3-(?P<makehuman>\d)|2(?P<biped>\d?)(?![-\d]))(?=\D|$)", re.IGNORECASE)
# Rigify's metarig has one chain of `spine` bones from the pelvis to the skull
# (USD has neither dots nor hyphens in names)
_SPINE = re.compile(r"(?:(?:DEF|ORG)[-_])?spine(?:[._](\d{3}))?")
_SPINE_PLACES = {"pelvis": 0, "neck": 4, "head": 6}
LIMBS = ("upper_arm", "forearm", "hand", "thigh", "calf", "foot")
"""Roles that a body has on each side."""


def _role(bone: str, role_of: Mapping[str, str] = _ROLE_OF) -> tuple[str, Side, int] | None:
    """Role, side and number of a bone; None for bones that matter to no joint (twist, IK, face)."""
    finger = _MIDDLE.search(bone)
    if finger:
        bone = f"{bone[: finger.start()]} middle {finger['makehuman'] or finger['biped'] or 0} {bone[finger.end() :]}"
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", bone.rsplit(":", 1)[-1])
    side: Side = None
    number = 0
    stem = ""
    for word in (w.lower() for w in words):
        if word in _SIDES:
            side = _SIDES[word]
        elif word.isdigit():
            number = int(word)
        elif word in _PLACES:
            number = _PLACES[word]
        elif word not in _PREFIXES:
            stem += word
    role = role_of.get(stem)
    return (role, side, number) if role else None


_Found = dict[tuple[str, Side], dict[int, str]]


@lru_cache(maxsize=16)
def _roles_of(bones: tuple[str, ...]) -> Mapping[tuple[str, Side], Mapping[int, str]]:
    """(role, side) -> number -> bone. Kept, as a rig's bones are asked for with each posture and gaze."""
    found = _gathered(bones, _ROLE_OF)
    if ("head", None) not in found:
        found |= _spine_chain(bones)
    if ("forearm", "left") not in found and ("forearm", "right") not in found:
        role_of = {**_ROLE_OF, **_BY_JOINT}
        by_joint = _gathered(bones, role_of)
        if not by_joint.keys() & {("foot", "left"), ("foot", "right")}:  # no ankle: what is called foot is one
            by_joint = _gathered(bones, {**role_of, "foot": "foot"})
        if ("forearm", "left") in by_joint or ("forearm", "right") in by_joint:
            return by_joint
    return found


def _spine_chain(bones: Iterable[str]) -> _Found:
    """Pelvis, neck and head of a rig whose spine runs on into the head."""
    chain = {int(match[1] or 0): bone for bone in bones if (match := _SPINE.fullmatch(bone))}
    if not all(place in chain for place in _SPINE_PLACES.values()):
        return {}
    return {(role, None): {0: chain[place]} for role, place in _SPINE_PLACES.items()}


def _gathered(bones: Iterable[str], role_of: Mapping[str, str]) -> _Found:
    found: _Found = {}
    for bone in bones:
        role = _role(bone, role_of)
        if role:
            found.setdefault(role[:2], {}).setdefault(role[2], bone)
    return found


def body_bones(bones: Iterable[str]) -> dict[str, str]:
    """Role -> the bone nearest to the body: neck, head, and with left_ / right_: eye and the LIMBS; what is not known
    is left out."""
    named: dict[str, str] = {}
    for (role, side), chain in _roles_of(tuple(bones)).items():
        if role in ("neck", "head") and side is None:
            named[role] = chain[min(chain)]
        elif role in ("eye", *LIMBS) and side is not None:
            named[f"{side}_{role}"] = chain[min(chain)]
    return named


def joint_sources(bones: Iterable[str]) -> dict[str, JointSource]:
    """Joint -> where to read it. Joints: pelvis, neck, head, head_top, and with left_ / right_: shoulder, elbow, wrist,
    knuckles, fingertips, hip, knee, ankle, ball, toes. Joints that the rig lacks are left out."""
    found = _roles_of(tuple(bones))
    joints: dict[str, JointSource] = {}

    def take(joint: str, side: Side, role: str, end: Literal["head", "tail"]) -> None:
        chain = found.get((role, side))
        if chain and joint not in joints:
            # split limbs are numbered from the body outwards; finger bones past the third are end markers
            usable = sorted(n for n in chain if n <= 3) or sorted(chain)
            joints[joint] = JointSource(chain[usable[0] if end == "head" else usable[-1]], end)

    take("pelvis", None, "pelvis", "head")
    take("neck", None, "neck", "head")
    take("head", None, "head", "head")
    take("head_top", None, "head_end", "head")
    take("head_top", None, "head", "tail")
    sides: tuple[Literal["left", "right"], ...] = ("left", "right")
    for side in sides:
        take(f"{side}_shoulder", side, "upper_arm", "head")
        take(f"{side}_elbow", side, "forearm", "head")
        take(f"{side}_wrist", side, "hand", "head")
        take(f"{side}_knuckles", side, "middle", "head")
        take(f"{side}_fingertips", side, "middle", "tail")
        take(f"{side}_fingertips", side, "hand", "tail")
        take(f"{side}_hip", side, "thigh", "head")
        take(f"{side}_knee", side, "calf", "head")
        take(f"{side}_ankle", side, "foot", "head")
        take(f"{side}_ball", side, "toe", "head")
        take(f"{side}_toes", side, "toe", "tail")
        take(f"{side}_toes", side, "foot", "tail")
    return joints
