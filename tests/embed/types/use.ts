// What a page in TypeScript writes; it must compile against the declarations of the package.
import { ConvergePlayground } from "converge-playground";
import "converge-playground";

const figure = document.querySelector("converge-playground");
if (figure) {
  const same: ConvergePlayground = figure;
  figure.theme = "dark";
  figure.controls = ["transport", "scrub"];
  figure.params = { loss: "5%" };
  figure.playbackRate = 0.5;
  figure.readonly = true;
  figure.openLink = false;
  figure.currentTime = 2.4;
  figure.addEventListener("converge-violation", ({ detail }) => detail.label.trim());
  figure.addEventListener("timeupdate", function ({ detail }) {
    const left: number = this.duration - detail.time;
    return left;
  });
  void figure.ready.then(() => same.step(-2)).then(() => figure.exportAs("png")).then((blob) => blob.size);
  void figure.getState().then((state) => figure.setState(state));
  const version: string = ConvergePlayground.version;
  void version;

  // @ts-expect-error there is no such theme
  figure.theme = "pink";
  // @ts-expect-error it is told, not set
  figure.duration = 3;
  // @ts-expect-error there is no such format
  void figure.exportAs("gif");
  // @ts-expect-error there is no such event with a detail
  figure.addEventListener("converge-share", ({ detail }) => detail.label);
}
