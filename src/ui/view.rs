//! Interface of a view: its context of one frame and the commands it can send.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compare::Against;
use super::history::History;
use super::regions::Region;
use super::unsent::Unsent;
use super::view_files::Wanted;
use crate::bundle::{Audience, Signer};
use crate::cache::{AccountIndex, Cache, RowId, ValueIndex};
use crate::case::legal::Profile;
use crate::case::{Action, Decisions, EvidenceSource, State, StoryPart};
use crate::jobs::{Jobs, NotWritten, Pending, Recorder, SourceChangeRequest};
use crate::leads::Leads;
use crate::model::{Digest, ExchangeRef, Micros, Scope, Tag, TimeSpan, Zone};
use crate::query::{Pair, Selection};
use crate::snapshot::Sources;

/// Title of the job that searches prompts and responses.
pub const SEARCH_JOB: &str = "searching text";

/// Subject of the inspector.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Selected {
    /// Nothing.
    #[default]
    Nothing,
    /// An account.
    Account(AccountIndex),
    /// A lead on a group, by position in [`Leads::groups`].
    Lead(usize),
    /// An exchange.
    Exchange(RowId),
    /// An attribute value.
    Value(ValueIndex),
    /// A topic.
    Topic(u16),
    /// A piece of evidence.
    Evidence(u64),
    /// A saved scope, by its name.
    Saved(String),
}

/// Origin of a pivot.
#[derive(Clone, Debug, PartialEq)]
pub enum PivotFrom {
    /// An account.
    Account(AccountIndex),
    /// Several accounts.
    Accounts(Arc<Vec<AccountIndex>>),
    /// A lead, by position in [`Leads::groups`].
    Lead(usize),
    /// An attribute value.
    Value(ValueIndex),
    /// A topic.
    Topic(u16),
    /// An exchange.
    Exchange(RowId),
    /// A span of time.
    Span(TimeSpan),
    /// The exchanges of the scope in an hour of the week of the display zone, Monday 00:00 first.
    HourOfWeek(u8),
    /// The exchanges of the scope in an hour of the day of the display zone.
    HourOfDay(u8),
    /// The intervals between exchanges of the scope that have this length in microseconds, the end excluded.
    Interval([Micros; 2]),
    /// The exchanges of the scope on a day since the sign-up of their accounts.
    DayOfAge(i64),
    /// The accounts of the scope.
    Scope,
    /// Accounts under a title, such as those to which an event happened.
    Named(Arc<str>, Arc<Vec<AccountIndex>>),
}

/// State of the text pass of an open case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPass {
    /// It has ended.
    Done,
    /// It is under way in the background.
    Running,
    /// It was stopped; [`Command::FinishText`] resumes it.
    Stopped,
    /// It has not ended, and the case is open read-only, so that it cannot be resumed.
    ReadOnly,
}

impl TextPass {
    /// Reason for missing topics and the next step; `None` once the pass has ended.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Running => {
                Some("No topics yet: the text pass is running. The bottom line shows its progress.")
            }
            Self::Stopped => Some(
                "No topics yet: the text pass was stopped. Press “Resume” in the bottom line to continue it.",
            ),
            Self::ReadOnly => Some(
                "No topics yet: the text pass is unfinished and this case is open read-only. Open it for writing to continue.",
            ),
        }
    }
}

/// Request of a view to the window. Carried out after the frame, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Set another scope; the present one goes to the history.
    SetScope(Scope),
    /// Compare the scope with another side; `None` for everything else.
    Compare(Option<Against>),
    /// Exchange the scope and the second scope; not where that is negated or there is none.
    SwapScopes,
    /// Previous scope.
    Back,
    /// Next scope.
    Forward,
    /// A scope of the history, by the number of its visit.
    Visit(u64),
    /// Give a scope of the history a name and a note.
    DescribeVisit {
        /// Number of the visit.
        id: u64,
        /// Name; empty for none.
        name: String,
        /// Note; empty for none.
        note: String,
    },
    /// Show this in the inspector.
    Select(Selected),
    /// Open the pivot menu.
    Pivot(PivotFrom),
    /// Open the pivot menu with a moment at which an event can be noted.
    PivotAt(PivotFrom, Micros),
    /// Find an exchange by its reference and show it in the inspector.
    SelectExchange(ExchangeRef),
    /// Journal an action.
    Record(Action),
    /// Journal actions as one act, which undo takes back as a whole.
    RecordAct(Vec<Action>),
    /// Set the reason for viewing hidden text in this session, or clear it.
    GiveReason(Option<String>),
    /// Mark exchanges and copy their records.
    TagExchanges(Vec<RowId>, Tag, String),
    /// Mark an account or a scope.
    TagSource(EvidenceSource, Tag, String),
    /// Add a part at the end of the story, whatever its number.
    AddStoryPart(StoryPart),
    /// Mark a source as context and add a part of the story that shows it as this exhibit.
    Embed(EvidenceSource, Option<String>),
    /// Dismiss the message about decisions that were not written.
    TakeNote,
    /// Undo the last decision.
    Undo,
    /// Repeat the decision undone last.
    Redo,
    /// Open the dialog that dismisses leads, given by their positions.
    Dismiss(Vec<usize>),
    /// Bring a view to the front, by its id.
    ShowView(&'static str),
    /// Show a short message (a toast).
    Notify(String),
    /// Show times in another zone.
    SetZone(Zone),
    /// Write a bundle.
    Export {
        /// The reader of the bundle.
        audience: Audience,
        /// The proceeding that it is made for.
        profile: Profile,
        /// The folder in which the bag's folder is made.
        out: PathBuf,
        /// True if prompts and responses of the evidence are included.
        include_text: bool,
        /// The key that signs it.
        signer: Signer,
    },
    /// Change a snapshot; this closes the case and opens it again.
    ChangeSources(SourceChangeRequest),
    /// Resume the text pass.
    FinishText,
    /// A request about the window and not the case.
    Window(WindowCommand),
}

/// Request about the window and not the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowCommand {
    /// Back to the start screen.
    CloseCase,
    /// Choose files to add to the case.
    AddFiles,
    /// Retire or restore a snapshot, or read it with another mapping.
    ChangeSnapshot(Digest),
    /// Write what a view shows as a file.
    SaveView(Wanted),
    /// Write a view, by its id, as it stands on screen.
    ScreenPicture(&'static str),
    /// Show the import report of a snapshot.
    ShowReport(Digest),
    /// Move the keyboard to the next or previous region of the window.
    Region {
        /// True for the previous region.
        back: bool,
    },
    /// Move the keyboard to a region.
    Section(Region),
    /// Mark the selection as evidence, with tag and note of the inspector's form.
    Mark,
    /// Open a menu with a form, by the title of its button.
    Menu(&'static str),
    /// Open or close the command palette.
    Palette,
    /// Open or close the list of shortcuts.
    Shortcuts,
    /// Put the cursor into the filter of the view in front.
    FocusFilter,
    /// Show the choice of the signing key in Export.
    SigningKey,
    /// Open the reading queue of the scope.
    ReadingQueue,
    /// Show a page of a view, by the ids of both.
    Page(&'static str, &'static str),
    /// Give the view in use the whole room, or the other views theirs again.
    Enlarge,
    /// Change the time that the time brush shows.
    Brush(BrushZoom),
    /// Zoom in by one step.
    ZoomIn,
    /// Zoom out by one step.
    ZoomOut,
    /// Zoom of 100 %.
    ZoomReset,
    /// Switch between light and dark theme.
    SwitchTheme,
}

/// Change of the time that the time brush shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrushZoom {
    /// Half of it.
    In,
    /// Twice of it.
    Out,
    /// Half a length earlier.
    Earlier,
    /// Half a length later.
    Later,
    /// The whole time of the case.
    Whole,
    /// The span of the scope.
    ToScope,
}

/// Names of the two sides. An answer keeps those of its question, so that headings change with the figures.
pub type SideNames = [&'static str; 2];

/// True for the names of the sides of a comparison with a second scope.
pub fn is_compared(names: SideNames) -> bool {
    names[0] == "A"
}

/// Context of every view: one case, one scope. Made anew in each frame.
pub struct ViewContext<'a> {
    /// The cache.
    pub cache: &'a Arc<Cache>,
    /// The leads.
    pub leads: &'a Arc<Leads>,
    /// The snapshots, from which records and text are read.
    pub sources: &'a Arc<Sources>,
    /// The case as it stands.
    pub state: &'a Arc<State>,
    /// Its decisions, placed on the leads.
    pub decisions: &'a Decisions,
    /// A way to journal from a background job.
    pub recorder: &'a Recorder,
    /// Requested decisions that are not on the disk yet; they do not count.
    pub pending: &'a [Pending],
    /// Decisions that were not written and whose message was not dismissed.
    pub not_written: &'a [NotWritten],
    /// The present scope.
    pub scope: &'a Arc<Scope>,
    /// The scopes looked at, as a tree.
    pub history: &'a History,
    /// Lead of the scope with its present state: `lead L-7f31ab, now L-91c2d0: …`.
    pub scope_lead: Option<&'a str>,
    /// The same of the second scope.
    pub against_lead: Option<&'a str>,
    /// The rows of the scope; `None` while they are being computed. Shared: compare with `Arc::ptr_eq`, or
    /// use [`scope_version`](Self::scope_version) as the key of a slot.
    pub selection: Option<&'a Arc<Selection>>,
    /// Error of the computation of the scope's rows.
    pub scope_failure: Option<&'a str>,
    /// Second scope of the comparison; `None` for all other exchanges.
    pub against: Option<&'a Against>,
    /// Its rows; `None` while they are being worked out, and where the scope is compared with everything else.
    pub against_selection: Option<&'a Arc<Selection>>,
    /// Error that left it without rows.
    pub against_failure: Option<&'a str>,
    /// Number of its rows; 0 where the scope is compared with everything else.
    pub against_version: u64,
    /// Accounts and exchanges that both scopes have.
    pub overlap: Option<(u64, u64)>,
    /// Incremented with every new selection or cache; equal numbers mean equal selections.
    pub scope_version: u64,
    /// Number of the cache and its leads, unique among all caches of all cases. Part of the key of each slot
    /// that depends on them, because addresses are reused.
    pub data_version: u64,
    /// The display time zone.
    pub zone: &'a Zone,
    /// The selection.
    pub selected: &'a Selected,
    /// Starts background jobs.
    pub jobs: &'a Jobs,
    /// Folder of the signing key and other settings, if it is not the user's own.
    pub settings: Option<&'a Path>,
    /// True if the case is open read-only.
    pub read_only: bool,
    /// State of the text pass: until it is done there are no topics and no templates.
    pub text_pass: TextPass,
    /// The view that puts the cursor into its filter in this frame (Ctrl+F).
    pub focus_filter: Option<&'static str>,
    /// Reason given in this session for viewing hidden text; every access is journaled with it. `None` also where it
    /// was given for another lead than that of the scope.
    pub reason: Option<&'a str>,
    /// Reason given last, for whatever scope.
    pub earlier_reason: Option<&'a str>,
    /// True in the frame in which the reading queue is to open.
    pub opens_queue: bool,
    /// Page that its view opens in this frame.
    pub page: Option<&'static str>,
    /// Commands sent in this frame.
    pub commands: &'a RefCell<Vec<Command>>,
}

impl ViewContext<'_> {
    /// Sends a request to the window.
    pub fn send(&self, command: Command) {
        self.commands.borrow_mut().push(command);
    }

    /// Both sides of the comparison; `None` while one of them is being worked out.
    pub fn pair(&self) -> Option<Pair> {
        let a = Arc::clone(self.selection?);
        let b = match self.against {
            Some(_) => Some(Arc::clone(self.against_selection?)),
            None => None,
        };
        Some(Pair { a, b })
    }

    /// Number of the pair: equal numbers mean equal pairs.
    pub fn pair_version(&self) -> (u64, u64) {
        (self.scope_version, self.against_version)
    }

    /// Names of the two sides, as the charts write them.
    pub fn sides(&self) -> SideNames {
        if self.against.is_some() { ["A", "B"] } else { ["scope", "peers"] }
    }
}

/// A view of one scope. It owns only its transient state.
pub trait View {
    /// Stable id: `leads`, `rhythm`.
    fn id(&self) -> &'static str;

    /// Title of its tab.
    fn title(&self) -> &'static str;

    /// Draws the view and requests missing data from jobs.
    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>);

    /// Text typed in its forms and not sent.
    fn unsent(&self, _cx: &ViewContext<'_>) -> Vec<Unsent> {
        Vec::new()
    }
}
