# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do, in the words of the panels, where a sentence names a flag of the command line."""

from __future__ import annotations

WINDOW_WORDS = {
    "its worker {0}, {1} times.": "The background Blender {0}, {1} times.",
    "Name an object config with `object_config:` or --object_config.": "Choose objects in Setup, or name an object config with `object_config:`.",
    "Use --dataset NAME, or `dataset:` in the object config.": "Choose a Dataset in Setup.",
    "Give the object a `scene`, or use --scene NAME.": "Give the object a `scene` in its object config.",
    "Name a shorter --results_dir.": "Choose a Results folder with a shorter path in Setup.",
    "Name another folder with --results_dir.": "Choose another Results folder in Setup.",
    "Free some space there, or name another folder with --results_dir.": "Free some space there, or choose another Results folder in Setup.",
    "Raise --budget (video.budget_usd) if you want it.": "Raise the Budget in the extension's preferences if you want it.",
    "Set KLING_API_KEY, or pass --skip_step4.": "Enter a Kling key in the extension's preferences.",
    "Set KLING_API_KEY, or choose another video.kling_model_name.": "Enter a Kling API Key in the extension's preferences, or choose another video.kling_model_name.",
    "Check KLING_API_KEY (or the access and secret key) and that the host is of the key's region.": "Check the Kling keys and the Kling Address in the extension's preferences; Test Connection is there, too.",
    "Check OPENAI_API_KEY and OPENAI_BASE_URL.": "Check the OpenAI key and address in the extension's preferences; Test Connection is there, too.",
    "This is a fault in the program; --log_json has the details.": "This is a fault in the program; Copy Details has more.",
    "Delete it, or give the seed with --seed.": "Delete it, or set the Base Seed in Setup > Advanced.",
    "Run once without --skip_step1.": "Click Settle once more.",
    "Or pass --set video.skip_prompt_refinement=true.": "Or set video.skip_prompt_refinement: true in a pipeline file.",
    "Check --env_file.": "Check the file.",
    "Set it in the environment or in a file given with --env_file, or pass": "Enter it in the extension's preferences.",
    "{0} --skip_step4 or --video_model_api dry-run.": "Enter it in the extension's preferences.",
    "Name the robot's MuJoCo XML with --g1_xml_path.": "Name the robot's MuJoCo XML with `g1_xml_path:` in a pipeline file.",
    "Run again with --resume to fetch it; it is paid already.": "Click Resume in Video to fetch it; it is paid already.",
    "On a Mac with an ARM processor it needs macOS 14. Without videos: --skip_step4.": "On a Mac with an ARM processor it needs macOS 14. Frames can be made all the same.",
    "Change the prompt or the picture, or pass --retry_failed to pay for another try.": "Change the prompt or render another picture.",
    "Run again with --resume to fetch it.": "Click Resume in Video to fetch it.",
    "Run the same again after {0} UTC: it is looked up, and sent again if it is not there. Or search the service's console for {1}; if it is not there, pass --send_again {2}.": "Click Send to Kling again after {0} UTC: it is looked up, and sent again if it is not there. The service's console knows it as {1}.",
    "Run the same again later: what was sent is fetched, the rest is sent, and nothing is paid twice.": "Click Send to Kling again later: what was sent is fetched, the rest is sent, and nothing is paid twice.",
    "Run without --resume to send it.": "Click Send to Kling to send it.",
    "Lower video.max_in_flight to what your pack allows.": "Set video.max_in_flight in a pipeline file to what your pack allows.",
}  # fmt: skip
"""Template of a sentence as the command line says it -> as the window does; places as in `core.phrasebook`."""
