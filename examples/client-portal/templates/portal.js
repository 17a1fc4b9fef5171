// Copy buttons: without JavaScript they stay hidden, and the text can be selected by one click.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    const status = document.getElementById("copied");
    status.textContent = "Copied";
    setTimeout(() => { status.textContent = ""; }, 2000);
  });
}
